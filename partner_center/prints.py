"""`GET /print/{kind}/{ticket}` and `….pdf`: certificates, agreements, invoice lists, to print."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from domain.programmes import certificates, documents
from domain.statements import documents as statements
from kit import clock
from kit.graphql.http import locale_of
from kit.printing import Document, as_html

STYLESHEET = "/static/print/print.css"

_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def routes() -> list[BaseRoute]:
    """The PDF first: its path would do for a page as well."""
    return [
        Route("/print/{kind}/{ticket}.pdf", pdf),
        Route("/print/{kind}/{ticket}", page),
    ]


async def page(request: Request) -> Response:
    """A page without scripts."""
    document = await _document(request)
    return HTMLResponse(as_html(document, stylesheet=STYLESHEET), headers=_HEADERS)


async def pdf(request: Request) -> Response:
    """The same as a file."""
    from kit.pdf import as_pdf  # takes a while to load, and most processes never need it

    document = await _document(request)
    return Response(
        await asyncio.to_thread(as_pdf, document),
        media_type="application/pdf",
        headers=_HEADERS
        | {"content-disposition": f'inline; filename="{request.path_params["kind"]}.pdf"'},
    )


async def _document(request: Request) -> Document:
    kind, ticket = request.path_params["kind"], request.path_params["ticket"]
    id = certificates.opened_by(kind, ticket, wall=clock.wall())
    document = None
    if id is not None:
        write = statements.document if kind == statements.INVOICE_LIST else documents.document
        document = await write(kind, id, language=_language(request), now=await clock.now())
    if document is None:
        raise HTTPException(404, "This link is over, or never was.")
    return document


def _language(request: Request) -> str:
    wanted = request.query_params.get("lang")
    if wanted in ("zh", "en"):
        return wanted
    return locale_of(request.headers.get("accept-language", "").encode("latin-1", "replace"))
