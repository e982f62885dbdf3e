"""The sandbox's own receiver shows what is signed, and nothing else."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from domain.identity.viewer import Viewer
from domain.webhooks import endpoints, signing
from kit import clock
from partner_center import pages, receiver
from partner_center.settings import Settings
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("database")

URL = "http://sandbox.example/sandbox/webhooks/ours"
BODY = b'{"type":"thing.<b>made</b>","data":{}}'


@pytest.fixture
async def page() -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=receiver.routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        yield client


@pytest.fixture
async def salt(administrator: Viewer, time: Clock) -> str:
    made = await endpoints.create(
        viewer=administrator, url=URL, types=[], description="ours", now=time.now
    )
    return made.endpoint.salt


async def test_what_is_signed_is_shown(page: httpx.AsyncClient, salt: str) -> None:
    headers = signing.headers("evt_1", BODY, salts=[signing.new_salt(), salt], wall=clock.wall())

    assert (await page.post(URL, content=BODY, headers=headers)).status_code == 200

    shown = (await page.get("http://sandbox.example/sandbox/webhooks")).text
    assert "thing.&lt;b&gt;made&lt;/b&gt;" in shown
    assert "evt_1 at ours" in shown


async def test_it_answers_as_is_wished(page: httpx.AsyncClient, salt: str) -> None:
    headers = signing.headers("evt_1", BODY, salts=[salt], wall=clock.wall())

    assert (await page.post(f"{URL}?answer=410", content=BODY, headers=headers)).status_code == 410


async def test_what_is_not_signed_for_this_address_is_refused(
    page: httpx.AsyncClient, salt: str
) -> None:
    good = signing.headers("evt_1", BODY, salts=[salt], wall=clock.wall())
    other = signing.headers("evt_1", BODY, salts=[signing.new_salt()], wall=clock.wall())
    refused = [
        await page.post(URL, content=BODY, headers=other),
        await page.post(URL, content=BODY),
        await page.post(URL, content=BODY + b" ", headers=good),
        await page.post(URL, content=BODY, headers=good | {"webhook-timestamp": "1"}),
        await page.post(f"{URL}else", content=BODY, headers=good),
    ]

    assert [answer.status_code for answer in refused] == [401] * 5
    assert "None yet." in (await page.get("http://sandbox.example/sandbox/webhooks")).text


@pytest.mark.parametrize("sandbox", [True, False])
def test_only_a_sandbox_has_it(sandbox: bool) -> None:
    settings = Settings(sandbox=sandbox, secret_key="a key of more than thirty-two characters")  # type: ignore[arg-type]
    paths = {getattr(route, "path", "") for route in pages.routes(settings)}

    assert (receiver.PATH in paths) == sandbox
