"""The routes for files in front of a folder, and somebody who may use them."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from tortoise.context import TortoiseContext

from domain.identity.viewer import ANONYMOUS, Unauthenticated, Viewer
from kit import links, store
from partner_center import prints, uploads
from partner_center.logs import Requests

BASE = "http://files.example"


class Desk(httpx.AsyncClient):
    """A client of the routes; `viewers` are who a bearer token stands for."""

    def __init__(self) -> None:
        self.viewers: dict[str, Viewer] = {}

        async def say_status(request: Request, error: Exception) -> JSONResponse:
            assert isinstance(error, HTTPException)
            return JSONResponse({"error": error.detail}, error.status_code)

        app = Starlette(
            routes=[*uploads.routes(self._recognised), *prints.routes()],
            exception_handlers={HTTPException: say_status},
        )
        super().__init__(transport=httpx.ASGITransport(Requests(app)), base_url=BASE)

    async def _recognised(self, authorization: str | None) -> Viewer:
        if authorization is None:
            return ANONYMOUS
        found = self.viewers.get(authorization.removeprefix("Bearer "))
        if found is None:
            raise Unauthenticated(reason="the token is not valid.", reason_zh="令牌无效。")
        return found

    def as_(self, viewer: Viewer) -> dict[str, str]:
        """The header of a request in this viewer's name."""
        self.viewers["token"] = viewer
        return {"authorization": "Bearer token"}


@pytest.fixture
def folder(tmp_path: Path, database: TortoiseContext, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the store keeps files; addresses of ours begin with the desk's."""
    monkeypatch.setattr(links, "_public_url", BASE)
    store.configure(folder=tmp_path / "objects")
    return tmp_path / "objects"


@pytest.fixture
async def desk(folder: Path) -> AsyncIterator[Desk]:
    """A client of the routes."""
    async with Desk() as desk:
        yield desk


def stored(folder: Path) -> list[bytes]:
    """The content of everything in the folder."""
    return [file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()]
