"""The other doors: GET and streams, files in and out, exports, prints. They open no further."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest
from starlette.applications import Starlette

from domain.exports import downloads as exported
from domain.exports import viewing
from domain.files import downloads
from domain.programmes import certificates
from domain.statements import documents as statements
from kit import clock, tickets
from kit.ids import new_id
from models.files import StoredFile
from partner_center import exports, prints, uploads
from tests.walls import looking
from tests.walls.neighbourhood import Neighbourhood

PARTNERS = "{ partners(first: 1) { nodes { id } } }"
PRINTS = (
    *(certificates.MEMBERSHIP, certificates.ROLE, certificates.AGREEMENT, certificates.SIGNATURE),
    statements.INVOICE_LIST,
)


@pytest.fixture
async def doors(neighbourhood: Neighbourhood) -> AsyncIterator[httpx.AsyncClient]:
    """The routes beside `/graphql`."""
    app = Starlette(
        routes=[
            *uploads.routes(neighbourhood.authentication.viewer),
            *prints.routes(),
            *exports.routes(),
        ]
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api.example") as client:
        yield client


async def test_reading_by_get_tells_nothing_to_a_credential_that_is_no_good(
    neighbourhood: Neighbourhood,
) -> None:
    for who, credential in {"nobody": None, **neighbourhood.dead}.items():
        for accept in ("application/graphql-response+json", "application/json"):
            answer = await neighbourhood.get(credential, PARTNERS, accept=accept)
            body = json.loads(answer.text)

            assert answer.status_code == 401, who
            assert not (body.get("data") or {}).get("partners"), who
            [error] = body["errors"]
            assert error["extensions"]["code"] == "UNAUTHENTICATED", who


async def test_no_stream_is_opened_to_a_credential_that_is_no_good(
    neighbourhood: Neighbourhood,
) -> None:
    for who, credential in {"nobody": None, **neighbourhood.dead}.items():
        export = f'"exp_{new_id().hex}"'
        for following in (
            "{ events(after: 0) { id } }",
            f"{{ exportProgress(id: {export}) {{ id }} }}",
            "{ inboxMessages { id } }",
        ):
            document = f"subscription {following}"
            answer = await neighbourhood.get(credential, document, accept="text/event-stream")

            assert "UNAUTHENTICATED" in answer.text, who
            assert '"id"' not in answer.text, who
            assert answer.status_code == (200 if credential is None else 401), who


async def test_reading_by_get_an_id_of_another_tenant_is_an_unknown_one(
    neighbourhood: Neighbourhood,
) -> None:
    ids = looking.ids_of(neighbourhood.foreign)
    unknown = [f"{id.partition('_')[0]}_{new_id().hex}" for id in ids]
    for who in ("administrator", "distributor", "customer's user"):
        by, told = neighbourhood.credentials[who], []
        for asked in (ids, unknown):
            told.append(
                [
                    (await neighbourhood.get(by, _nodes(asked[at : at + 40]))).text
                    for at in range(0, len(asked), 40)
                ]
            )
        assert told[0] == told[1], who
        assert '"id"' not in "".join(told[0]), who


def _nodes(ids: list[str]) -> str:
    return f"{{ nodes(ids: {json.dumps(ids)}) {{ id }} }}"


async def test_no_file_is_taken_from_a_credential_that_is_no_good(
    neighbourhood: Neighbourhood, doors: httpx.AsyncClient
) -> None:
    before = await StoredFile.all().count()
    for who, credential in {"nobody": None, **neighbourhood.dead}.items():
        headers = {} if credential is None else {"authorization": f"Bearer {credential}"}
        answer = await doors.post(
            "/files", params={"name": "a.pdf"}, content=b"%PDF-1.4\n%%EOF\n", headers=headers
        )

        assert answer.status_code == 401, who
        assert [each["code"] for each in answer.json()["errors"]] == ["UNAUTHENTICATED"], who
    assert await StoredFile.all().count() == before


async def test_a_link_to_ones_own_is_no_link_to_anothers(
    neighbourhood: Neighbourhood, doors: httpx.AsyncClient
) -> None:
    """Whatever is put in the place of the id, and whatever it was a link to: never was."""
    wall = clock.wall()
    until = wall + timedelta(minutes=10)
    own = await StoredFile.filter(partner_id=neighbourhood.houses["Birch"].partner.id).first()
    assert own is not None
    foreign = next(iter(neighbourhood.foreign["stored_file"]))
    foreign_export = next(iter(neighbourhood.foreign["export"]))
    viewer = await neighbourhood.viewer(neighbourhood.credentials["administrator"])
    holder = viewing.holder(viewer)
    mine = tickets.issue(downloads.PURPOSE, id=own.id, until=until)
    addresses = {"unknown": f"/files/{'0' * 32}.1.{'x' * 43}"}
    for number, ticket in enumerate(_forged(mine, foreign)):
        addresses[f"file {number}"] = f"/files/{ticket}"
        addresses[f"export {number}"] = f"/exports/{quote(holder)}~{ticket}"
        for kind in PRINTS:
            addresses[f"{kind} {number}"] = f"/print/{kind}/{ticket}"
            addresses[f"{kind} pdf {number}"] = f"/print/{kind}/{ticket}.pdf"
    its = tickets.issue(f"{exported.PURPOSE} {holder}", id=own.id, until=until)
    for number, ticket in enumerate(_forged(its, foreign_export)):
        addresses[f"its export {number}"] = f"/exports/{quote(holder)}~{ticket}"
    over = tickets.issue(downloads.PURPOSE, id=own.id, until=wall - timedelta(seconds=1))
    addresses["over"] = f"/files/{over}"

    answers = {}
    for name, address in addresses.items():
        answer = await doors.get(address)
        answers[name] = (answer.status_code, answer.text)

    assert set(answers.values()) == {answers["unknown"]}, answers
    assert answers["unknown"][0] == 404
    assert (await doors.get(f"/files/{mine}")).status_code == 200, "its own opens"


def _forged(ticket: str, id: str) -> list[str]:
    _, end, proof = ticket.split(".")
    hex = id.replace("-", "")
    return [f"{hex}.{end}.{proof}", f"{hex}.{int(end) + 60}.{proof}", f"{hex}.{end}.{'A' * 43}"]
