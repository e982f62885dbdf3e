"""A sandbox's own webhook receiver, and the page that shows what has arrived there.

It does what a partner's system does: look at the signature, answer quickly. What it shows is kept
in this process alone, the last hundred.
"""

import hmac
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from domain.webhooks import signing
from kit import clock, database

PATH = "/sandbox/webhooks"
SHOWN = 100
LONGEST_BODY = 64_000
TOLERANCE = 300  # seconds between a signature and now

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Webhooks</title><style>
body{{max-width:48rem;margin:2rem auto;padding:0 1rem;font:15px/1.6 system-ui,sans-serif}}
article{{margin:1.5rem 0;padding:1rem;border:1px solid #d0d3d8;border-radius:6px}}
h2{{margin:0;font-size:1rem}} p{{margin:0;color:#666}}
pre{{white-space:pre-wrap;overflow-wrap:anywhere}}
</style></head><body><h1>Webhooks</h1>
<p>What has arrived at this sandbox's receiver with a good signature, the newest first.</p>
{arrived}</body></html>
"""
_SAFE = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Arrived:
    """One request that passed."""

    id: str
    name: str
    at: datetime
    body: str


def routes() -> list[BaseRoute]:
    """The receiver and its page; for sandboxes."""
    shelf: deque[Arrived] = deque(maxlen=SHOWN)

    async def receive(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return PlainTextResponse("too long", 413)
        name: str = request.path_params["name"]
        if not await _is_signed(request, body):
            return PlainTextResponse("the signature is not good", 401)
        id = request.headers["webhook-id"]
        shelf.appendleft(Arrived(id, name, clock.wall(), body.decode()))
        wanted = request.query_params.get("answer", "")
        status = int(wanted) if wanted in ("410", "429", "500", "503") else 200
        return PlainTextResponse("as you wished" if status != 200 else "thanks", status)

    async def show(request: Request) -> Response:
        if "application/json" in request.headers.get("accept", ""):
            told = [{"id": one.id, "body": json.loads(one.body)} for one in shelf]
            return JSONResponse(told, headers=_SAFE)
        arrived = "".join(_articles(shelf)) or "<p>None yet.</p>"
        return HTMLResponse(_PAGE.format(arrived=arrived), headers=_SAFE)

    return [
        Route(PATH, show),
        Route(PATH + "/{name}", receive, methods=["POST"]),
    ]


def _articles(shelf: deque[Arrived]) -> Iterator[str]:
    for one in shelf:
        told = json.loads(one.body)
        yield (
            f"<article><h2>{escape(str(told['type']))}</h2>"
            f"<p>{escape(one.id)} at {escape(one.name)}, {one.at:%H:%M:%S} UTC</p>"
            f"<pre>{escape(json.dumps(told, ensure_ascii=False, indent=2))}</pre></article>\n"
        )


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            return None
    return bytes(body)


async def _is_signed(request: Request, body: bytes) -> bool:
    """By the secret of an endpoint that leads here, and not long ago."""
    told = [request.headers.get(name, "") for name in ("webhook-id", "webhook-timestamp")]
    id, stamp = told
    if not stamp.isdigit() or abs(clock.wall().timestamp() - int(stamp)) > TOLERANCE:
        return False
    rows = await database.rows(
        "select salt from webhook_endpoint where state <> 'DELETED'"
        " and split_part(url, '?', 1) like '%' || $1::text",
        request.url.path,
    )
    given = set(request.headers.get("webhook-signature", "").split())
    at = datetime.fromtimestamp(int(stamp), clock.wall().tzinfo)
    good = [
        signing.headers(id, body, salts=[row["salt"]], wall=at)["webhook-signature"] for row in rows
    ]
    return any(hmac.compare_digest(one, each) for one in good for each in given)
