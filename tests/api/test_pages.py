"""The pages beside the API, and what may be shown to whom."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from domain.members import letters
from domain.offers import links
from kit.ids import new_id
from partner_center import pages
from partner_center.settings import Settings


def settings(data_dir: Path, *, sandbox: bool) -> Settings:
    return Settings(data_dir=data_dir, sandbox=sandbox, secret_key=SecretStr("k" * 32))


def browser(settings: Settings) -> httpx.AsyncClient:
    app = Starlette(routes=pages.routes(settings))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api.example")


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(settings(tmp_path, sandbox=True)) as client:
        yield client


@pytest.fixture
async def production(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(settings(tmp_path, sandbox=False)) as client:
        yield client


def mail(text: str, *, subject: str = "您好") -> bytes:
    message = EmailMessage()
    message["From"] = "no-reply@example.com"
    message["To"] = "ann@example.com"
    message["Subject"] = subject
    message["Date"] = "Thu, 31 Jan 2030 23:30:00 +0000"
    message.set_content(text)
    message.add_alternative(f"<p>{text}</p>", subtype="html")
    return message.as_bytes()


@pytest.mark.parametrize("is_sandbox", [True, False])
async def test_the_editor_comes_from_files_of_our_own(tmp_path: Path, is_sandbox: bool) -> None:
    client = browser(settings(tmp_path, sandbox=is_sandbox))
    page = await client.get("/graphiql")

    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "//" not in page.text.replace("/static//", "")
    scripts = [part.split('"')[0] for part in page.text.split('src="')[1:]]
    assert scripts
    for script in scripts:
        file = await client.get(script)
        assert file.status_code == 200
        assert file.headers["content-type"].startswith("text/javascript")
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    await client.aclose()


async def test_no_file_outside_of_the_static_ones_is_served(sandbox: httpx.AsyncClient) -> None:
    assert (await sandbox.get("/static/%2e%2e/settings.py")).status_code == 404
    assert (await sandbox.get("/static/graphiql/")).status_code == 404


@pytest.mark.parametrize(
    ("path", "script"),
    [(letters.PATH, "invitation/page.js"), (links.PATH, "private-link/page.js")],
)
@pytest.mark.parametrize("is_sandbox", [True, False])
async def test_what_links_lead_to_is_there(
    tmp_path: Path, is_sandbox: bool, path: str, script: str
) -> None:
    client = browser(settings(tmp_path, sandbox=is_sandbox))
    page = await client.get(f"/{path}")
    files = [part.split('"')[0] for part in page.text.split("/static/")[1:]]

    assert page.status_code == 200
    assert page.headers["content-security-policy"].startswith("default-src 'self';")
    assert files == ["invitation/page.css", script]
    for file in files:
        assert (await client.get(f"/static/{file}")).status_code == 200
    await client.aclose()


async def test_a_sandbox_leads_to_the_editor(sandbox: httpx.AsyncClient) -> None:
    response = await sandbox.get("/")

    assert (response.status_code, response.headers["location"]) == (307, "/graphiql")


@pytest.mark.parametrize("path", ["/", "/outbox", "/demo/accounts"])
async def test_outside_a_sandbox_there_is_nothing_to_see(
    production: httpx.AsyncClient, path: str
) -> None:
    assert (await production.get(path)).status_code == 404


async def test_the_outbox_shows_the_newest_mails_first_with_their_links(
    sandbox: httpx.AsyncClient, tmp_path: Path
) -> None:
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    (outbox / f"{new_id()}.eml").write_bytes(mail("older"))
    (outbox / f"{new_id()}.eml").write_bytes(
        mail("Open http://127.0.0.1:8000/invitations/member#abc_-9 & sign in.")
    )
    (outbox / f".{new_id()}.tmp").write_bytes(b"half a mail")

    page = await sandbox.get("/outbox")

    link = "http://127.0.0.1:8000/invitations/member#abc_-9"
    assert f'<a href="{link}">{link}</a> &amp; sign in.' in page.text
    assert page.text.index("sign in.") < page.text.index("older")
    assert page.text.count("<article>") == 2
    assert "<h2>您好</h2>" in page.text
    assert "to ann@example.com" in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_a_mail_cannot_put_anything_but_text_on_the_page(
    sandbox: httpx.AsyncClient, tmp_path: Path
) -> None:
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox" / f"{new_id()}.eml").write_bytes(
        mail(
            '<script>alert(1)</script> http://x/"onclick=alert(2) javascript:alert(3)',
            subject="<img src=x>",
        )
    )

    page = await sandbox.get("/outbox")

    assert "<script" not in page.text
    assert "<img" not in page.text
    assert 'href="http://x/"&quot;' not in page.text
    assert page.text.count("<a ") == 1
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


async def test_an_empty_outbox_says_so(sandbox: httpx.AsyncClient) -> None:
    assert "None yet." in (await sandbox.get("/outbox")).text
