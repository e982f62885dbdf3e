"""Exports at the root: which lists there are, made of the schema, and `GET /exports/{ticket}`."""

from graphql import GraphQLSchema
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from domain.exports import downloads
from domain.exports.lists import LISTS, Column, Exported
from domain.identity.viewer import Viewer
from kit import clock
from kit.columns import Cell, Kind
from kit.reads.listing import Listing
from models.exports import ExportLanguage
from schema.export_words import chinese, english
from schema.exporting import DECLARED, Declared, column_name

EN, ZH = ExportLanguage.EN, ExportLanguage.ZH

_YES_NO = {EN: {"true": "yes", "false": "no"}, ZH: {"true": "是", "false": "否"}}
_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "referrer-policy": "no-referrer",
}


def connect() -> None:
    """Tell the domain who knows which lists can be exported. For the start of a process."""
    LISTS.connect(_lists)


def routes() -> list[BaseRoute]:
    """Where files are handed out."""
    return [Route("/exports/{ticket}", download, methods=["GET"])]


async def download(request: Request) -> Response:
    """The file that a ticket opens; it is saved, never shown."""
    found = await downloads.open(
        ticket=request.path_params["ticket"], wall=clock.wall(), now=await clock.now()
    )
    if found is None:
        raise HTTPException(404, "This link is over, or never was.")
    if found.address is not None:
        return RedirectResponse(found.address, 302, headers=_HEADERS)
    assert found.pieces is not None
    told = {"content-disposition": found.disposition, "content-length": str(found.size)}
    return StreamingResponse(found.pieces, media_type=found.content_type, headers=_HEADERS | told)


def _lists() -> dict[str, Exported]:
    """TypeError for a declaration that isn't of its list."""
    from partner_center import graphql  # when it's needed at all: see Lists.connect

    schema = graphql.schema()._schema
    return {name: _exported(declared, schema) for name, declared in DECLARED.items()}


def _exported(declared: Declared, schema: GraphQLSchema) -> Exported:
    type_name, field_name = declared.field
    listing = Listing(schema, type_name, field_name)
    source = listing.source
    if (source.filter, source.order) != (declared.filter, declared.order):
        raise TypeError(f"{declared.name} is declared with another filter or order than its list")
    columns = {
        column_name(path): Column(
            column_name(path), {ZH: zh, EN: en}, cell := listing.cell(path), _words(cell)
        )
        for path, (zh, en) in declared.columns.items()
    }
    return Exported(
        name=declared.name,
        titles={ZH: declared.zh, EN: declared.en},
        listing=listing,
        columns=columns,
        guard=source.guard or declared.guard or Viewer.require_sign_in,
    )


def _words(cell: Cell) -> dict[ExportLanguage, dict[str, str]]:
    if cell.kind is Kind.BOOLEAN:
        return _YES_NO
    if cell.kind is not Kind.CODE:
        return {}
    return {ZH: chinese(cell.enum), EN: {code: english(code) for code in cell.codes}}
