"""`POST /files` takes a file in, `GET /files/{ticket}` hands it out; GraphQL moves no bytes.

A file comes as the field `file` of a form (`multipart/form-data`), or as the body itself with its
name in `?name=`. Never more than a megabyte of it is in memory.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from tempfile import SpooledTemporaryFile
from typing import IO

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from domain.files import downloads, uploads
from domain.files.content import LARGEST, FileOfUnknownType, FileTooLarge
from domain.files.uploads import TooManyFiles
from domain.identity.viewer import Unauthenticated, Viewer
from kit import clock, ids
from kit.graphql.http import locale_of
from kit.graphql.refusals import BodyTooSlow
from kit.problems import Forbidden, InvalidInput, Problem
from models.files import StoredFile

WITHIN = 300  # seconds in which all of it must have come
IN_MEMORY = 1_048_576
FORM_AROUND_IT = 65_536  # bytes that a form may have beside the file
# Bytes beyond what is allowed that we still listen to: who is sending when the connection closes
# may never see the answer.
PATIENCE = 1_048_576
PATIENT_FOR = 5

Authenticate = Callable[[str | None], Awaitable[Viewer]]

_STATUSES: dict[type[Problem], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    BodyTooSlow: 408,
    FileTooLarge: 413,
    FileOfUnknownType: 415,
    TooManyFiles: 429,
}
_SAFE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_INERT = _SAFE | {
    "content-security-policy": "default-src 'none'; sandbox",
    "referrer-policy": "no-referrer",
}


def routes(authenticate: Authenticate) -> list[BaseRoute]:
    """Both routes; `authenticate` makes a viewer of an Authorization header."""

    async def upload(request: Request) -> Response:
        try:
            viewer = await authenticate(request.headers.get("authorization"))
            viewer.require_sign_in()
            return _told(await _take_in(request, viewer))
        except Problem as problem:
            await _hear_out(request)
            return _refused(problem, request)
        except ClientDisconnect:
            return Response(status_code=400)

    return [
        Route("/files", upload, methods=["POST"]),
        Route("/files/{ticket}", download, methods=["GET"]),
    ]


async def download(request: Request) -> Response:
    """The file that a ticket opens; it is saved, never shown, whatever it is."""
    found = await downloads.open(ticket=request.path_params["ticket"], wall=clock.wall())
    if found is None:
        raise HTTPException(404, "This link is over, or never was.")
    if found.address is not None:
        return RedirectResponse(found.address, 302, headers=_INERT)
    assert found.pieces is not None
    return StreamingResponse(
        found.pieces,
        media_type=found.file.content_type,
        headers=_INERT
        | {"content-disposition": found.disposition, "content-length": str(found.file.size)},
    )


async def _take_in(request: Request, viewer: Viewer) -> StoredFile:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        async with asyncio.timeout(WITHIN):
            if kind == "multipart/form-data":
                name, file = await _from_form(request)
            else:
                name, file = request.query_params.get("name", ""), await _from_body(request)
    except TimeoutError:
        raise BodyTooSlow(seconds=WITHIN) from None
    with file:
        return await uploads.upload(viewer=viewer, name=name, file=file, now=await clock.now())


async def _from_body(request: Request) -> IO[bytes]:
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 -- the caller closes it
    try:
        async for piece in _limited(request, LARGEST):
            file.write(piece)
    except BaseException:
        file.close()
        raise
    return file


async def _from_form(request: Request) -> tuple[str, IO[bytes]]:
    parser = MultiPartParser(request.headers, _form_pieces(request), max_files=1, max_fields=8)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise error.__cause__ or _no_form() from error
    uploaded = form.get("file")
    if uploaded is None or isinstance(uploaded, str):
        await form.close()
        raise _no_form()
    return uploaded.filename or "", uploaded.file


async def _form_pieces(request: Request) -> AsyncGenerator[bytes, None]:
    # The parser closes its files for exceptions of its own only.
    try:
        async for piece in _limited(request, LARGEST + FORM_AROUND_IT):
            yield piece
    except (FileTooLarge, ClientDisconnect) as error:
        raise MultiPartException(str(error)) from error


async def _limited(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """The body in pieces, until it is too much."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise FileTooLarge()
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > most:
            raise FileTooLarge()
        yield piece


async def _hear_out(request: Request) -> None:
    size = 0
    try:
        async with asyncio.timeout(PATIENT_FOR):
            async for piece in request.stream():
                size += len(piece)
                if size > PATIENCE:
                    break
    except (TimeoutError, ClientDisconnect, RuntimeError):
        pass  # there is no more to hear


def _no_form() -> InvalidInput:
    return InvalidInput(
        reason="The form must have one file, in the field `file`.",
        reason_zh="表单须包含且仅包含一个名为 file 的文件。",
        path=("file",),
    )


def _told(file: StoredFile) -> JSONResponse:
    told = {
        "id": ids.encode("fil", file.id),
        "name": file.name,
        "contentType": file.content_type,
        "size": file.size,
        "sha256": file.sha256,
        "attachBefore": (file.created_at + uploads.UNATTACHED_FOR).isoformat(),
    }
    return JSONResponse({"file": told, "errors": []}, 201, headers=_SAFE)


def _refused(problem: Problem, request: Request) -> JSONResponse:
    locale = locale_of(request.headers.get("accept-language", "").encode("latin-1", "replace"))
    error = {
        "code": problem.code,
        "message": problem.in_words(locale),
        "path": list(problem.path),
        "retryable": problem.retryable,
    }
    status = _STATUSES.get(type(problem), 400)
    headers = dict(_SAFE)
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    if status in (408, 413):
        headers["connection"] = "close"  # what is left of the body is nobody's
    return JSONResponse({"file": None, "errors": [error]}, status, headers=headers)
