"""Pages for people: GraphiQL, where mailed links lead, and in a sandbox the outbox and demo."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html import escape
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from partner_center import receiver
from partner_center.settings import Settings

STATIC = Path(__file__).parent / "static"
MAILS_SHOWN = 100

_NOTHING_ELSE = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

# GraphiQL's editor makes style elements as it goes, and its language workers from blobs.
_GRAPHIQL = {
    "content-security-policy": "default-src 'self'; style-src 'self' 'unsafe-inline';"
    f" worker-src 'self' blob:; font-src 'self' data:; img-src 'self' data:; {_NOTHING_ELSE}",
    "cache-control": "no-cache",
}
_OURS = {
    "content-security-policy": f"default-src 'self'; {_NOTHING_ELSE}",
    "cache-control": "no-cache",
}
_PLAIN = {
    "content-security-policy": f"default-src 'none'; style-src 'unsafe-inline'; {_NOTHING_ELSE}",
    "cache-control": "no-store",
}
_SAFE = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}

_LINK = re.compile(r"https?://[^\s<>\"]+")

_OUTBOX = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Outbox</title><style>
body{{max-width:48rem;margin:2rem auto;padding:0 1rem;font:15px/1.6 system-ui,sans-serif}}
article{{margin:1.5rem 0;padding:1rem;border:1px solid #d0d3d8;border-radius:6px}}
h2{{margin:0;font-size:1rem}} p{{margin:0;color:#666}} pre{{white-space:pre-wrap;font:inherit}}
</style></head><body><h1>Outbox</h1>
<p>Mails that this sandbox has sent, the newest first. Nobody received them.</p>
{mails}</body></html>
"""


def routes(settings: Settings) -> list[BaseRoute]:
    """All pages; those that only a sandbox has are left out elsewhere."""
    everywhere: list[BaseRoute] = [
        Route("/graphiql", graphiql),
        Route("/invitations/member", invitation),
        Route("/invitations/customer", customer_invitation),
        Route("/offers/private", private_link),
        Mount("/static", _Static(directory=STATIC)),
    ]
    if not settings.sandbox:
        return everywhere
    outbox = settings.data_dir / "outbox"
    return [
        *everywhere,
        Route("/", lambda _: RedirectResponse("/graphiql")),
        Route("/demo/accounts", accounts),
        *receiver.routes(),
        Route("/outbox", lambda _: HTMLResponse(_outbox_page(outbox), headers=_PLAIN | _SAFE)),
    ]


def graphiql(request: Request) -> Response:
    """The query editor, from files of our own."""
    page = STATIC / "graphiql" / "index.html"
    if not page.exists():
        raise HTTPException(404)
    return FileResponse(page, headers=_GRAPHIQL | _SAFE)


def invitation(request: Request) -> Response:
    """Where the link of an invitation leads, unless a front end has a page of its own for it."""
    return FileResponse(STATIC / "invitation" / "index.html", headers=_OURS | _SAFE)


def customer_invitation(request: Request) -> Response:
    """Where a customer's link or QR code leads as long as there is no console."""
    return FileResponse(STATIC / "customer-invitation" / "index.html", headers=_OURS | _SAFE)


def private_link(request: Request) -> Response:
    """Where the private link of an offer leads, likewise."""
    return FileResponse(STATIC / "private-link" / "index.html", headers=_OURS | _SAFE)


def accounts(request: Request) -> Response:
    """Who can sign in to the demo, and how."""
    from partner_center import demo

    told = [asdict(account) for account in demo.accounts()]
    return JSONResponse(told, headers={"cache-control": "no-store"} | _SAFE)


class _Static(StaticFiles):
    """Files whose names carry a hash of their content never change."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        forever = "/assets/" in scope["path"]
        response.headers["cache-control"] = (
            "public, max-age=31536000, immutable" if forever else "no-cache"
        )
        response.headers.update(_SAFE)
        return response


def _outbox_page(folder: Path) -> str:
    mails = "".join(_article(mail) for mail in _mails(folder))
    return _OUTBOX.format(mails=mails or "<p>None yet.</p>")


def _mails(folder: Path) -> Iterator[EmailMessage]:
    """The newest first: their names are ids that sort by the time they were made."""
    files = sorted(folder.glob("*.eml"), reverse=True) if folder.is_dir() else []
    for file in files[:MAILS_SHOWN]:
        with file.open("rb") as content:
            yield BytesParser(EmailMessage, policy=policy.default).parse(content)


def _article(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    return (
        f"<article><h2>{escape(mail.get('subject', ''))}</h2>"
        f"<p>to {escape(mail.get('to', ''))}, {escape(mail.get('date', ''))}</p>"
        f"<pre>{_with_links(text)}</pre></article>\n"
    )


def _with_links(text: str) -> str:
    """The text as HTML; nothing in it but web addresses becomes a link."""
    pieces, end = [], 0
    for match in _LINK.finditer(text):
        url = escape(match[0])
        pieces += [escape(text[end : match.start()]), f'<a href="{url}">{url}</a>']
        end = match.end()
    return "".join([*pieces, escape(text[end:])])
