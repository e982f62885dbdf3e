"""The examples of typed clients, made anew from the schema, and used.

The tools have dependencies that don't agree with ours, so they are nobody's requirement here:
`ariadne-codegen` is looked for on the PATH, the TypeScript tools where `npm ci` puts them.
"""

import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from tortoise.context import TortoiseContext

from domain.identity.viewer import Viewer
from kit.graphql.registry import texts_in
from partner_center import document_files, graphql
from partner_center.view import View
from tests.conftest import Clock
from tests.factories import a_member, a_partner, an_administrator

EXAMPLES = Path(__file__).parents[2] / "examples"
CODEGEN = os.environ.get("ARIADNE_CODEGEN") or shutil.which("ariadne-codegen")
TYPESCRIPT = EXAMPLES / "typescript"
NODE = shutil.which("node")


def test_the_documents_of_the_examples_are_valid(tmp_path: Path) -> None:
    said: list[str] = []

    done = document_files.build(
        EXAMPLES / "documents", tmp_path / "documents.json", say=said.append
    )

    assert done, said
    assert len(texts_in(tmp_path)) == 3


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """examples/python/members.py beside a client that was made just now."""
    if CODEGEN is None:
        pytest.skip("ariadne-codegen is not on the PATH; ARIADNE_CODEGEN may name it")
    place = tmp_path_factory.mktemp("python")
    shutil.copy(EXAMPLES / "python" / "members.py", place)
    settings = (EXAMPLES / "python" / "pyproject.toml").read_text()
    settings = settings.replace('"../../', f'"{EXAMPLES.parent}/').replace('"../', f'"{EXAMPLES}/')
    (place / "pyproject.toml").write_text(settings)
    subprocess.run([CODEGEN], cwd=place, check=True, capture_output=True, text=True)
    sys.path.insert(0, str(place))
    yield importlib.import_module("members")
    sys.path.remove(str(place))


async def test_the_python_client_reads_pages_and_refusals(
    example: ModuleType, database: TortoiseContext, time: Clock
) -> None:
    partner = await a_partner()
    administrator = await an_administrator(partner)
    member = await a_member(of=partner, now=time.now)

    async def authenticate(authorization: str | None) -> Viewer:
        return administrator

    view = View(graphql.schema(), authenticate=authenticate, max_body_bytes=10_000)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(view)) as http:
        client = example.PartnerCenter(url="http://api.example/graphql", http_client=http)
        lines = await example.members(client)
        refused = await example.invite(client, "somebody@nowhere.example")

    await member.fetch_related("person")
    assert lines == [f"{member.person.name}  {member.linked_at:%Y-%m-%d}"]
    assert refused.startswith("ACCOUNT_NOT_INVITABLE: somebody@nowhere.example can't be invited")


def test_the_lock_file_fits_the_package_and_names_no_registry() -> None:
    lock = json.loads((TYPESCRIPT / "package-lock.json").read_text())
    package = json.loads((TYPESCRIPT / "package.json").read_text())

    assert lock["packages"][""]["devDependencies"] == package["devDependencies"]
    assert not [name for name, each in lock["packages"].items() if "resolved" in each]


def test_the_typescript_client_is_made_and_checked(tmp_path: Path) -> None:
    if NODE is None or not (TYPESCRIPT / "node_modules").is_dir():
        pytest.skip("needs Node, and `npm ci` in examples/typescript")

    done = subprocess.run(
        ["npm", "run", "--silent", "check"],
        cwd=TYPESCRIPT,
        env=os.environ | {"OUTPUT": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "InviteMemberMutation" in (tmp_path / "client.ts").read_text()
