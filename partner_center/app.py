"""`create_app(settings)`: the API as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.audit.relay import CHANNEL
from domain.exports.lists import LISTS
from domain.notifications import planning
from kit import bells, valkey
from kit.graphql.registry import Registry, texts_in
from partner_center import (
    authentication,
    exports,
    graphql,
    health,
    logs,
    metrics_port,
    pages,
    prints,
    startup,
    tracing,
    uploads,
)
from partner_center.oidc import OidcIssuer
from partner_center.settings import Settings
from partner_center.throttle import Throttle
from partner_center.view import View
from partner_center.viewer_cache import ViewerCache

API = "/graphql"


def create_app(settings: Settings) -> ASGIApp:
    """The application, not yet connected to anything: its lifespan does that."""
    database_url = settings.database_url
    assert database_url is not None
    assert settings.redis_url is not None
    recognised = authentication.Authentication(
        cache=ViewerCache(database_url), oidc=_other_issuer(settings)
    )
    throttle = _throttle(settings, settings.redis_url)
    queue = valkey.client(settings.redis_url, socket_connect_timeout=1, socket_timeout=1)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await startup.open_database(settings)
        LISTS.load()
        await bells.open(database_url, CHANNEL, planning.CHANNEL)
        await recognised.start()
        endpoint = settings.otel_exporter_otlp_endpoint
        try:
            async with (
                metrics_port.serving(settings.host, settings.metrics_port),
                tracing.recording(endpoint, service="partner-center-api"),
            ):
                yield
        finally:
            await recognised.stop()
            await bells.close()
            await queue.aclose()
            if throttle is not None:
                await throttle.close()
            await startup.close()

    view = View(
        graphql.schema(),
        authenticate=recognised.viewer,
        max_body_bytes=settings.max_body_bytes,
        origins=settings.cors_origins,
        registry=_registry(settings),
        throttle=throttle,
    )
    beside = Starlette(
        routes=[
            Route("/livez", health.livez),
            Route("/readyz", health.readyz),
            Route("/healthz/jobs", health.jobs),
            *uploads.routes(recognised.viewer),
            *prints.routes(),
            *exports.routes(),
            *pages.routes(settings),
        ],
        exception_handlers={HTTPException: _say_status},
        lifespan=lifespan,
    )
    beside.state.redis = queue
    app: ASGIApp = _Front(view, beside)
    if settings.cors_origins:
        app = CORSMiddleware(
            app,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST"),
            allow_headers=("authorization", "content-type", "x-request-id"),
            expose_headers=("x-request-id", "retry-after"),
        )
    return logs.Requests(app)


def sdl() -> str:
    """The schema as text, sorted, as it is committed in `schema/schema.graphql`."""
    return graphql.sdl()


class _Front:
    """Hands the API's requests straight to it: a router costs a tenth of a point read."""

    def __init__(self, api: ASGIApp, beside: ASGIApp) -> None:
        self._api = api
        self._beside = beside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_api = scope["type"] != "lifespan" and scope["path"] == API
        await (self._api if is_api else self._beside)(scope, receive, send)


def _registry(settings: Settings) -> Registry:
    texts = texts_in(settings.documents) if settings.documents is not None else ()
    return Registry(texts, only=settings.documents_only)


def _throttle(settings: Settings, redis_url: str) -> Throttle | None:
    if not settings.rate_per_second:
        return None
    return Throttle(redis_url, per_second=settings.rate_per_second, burst=settings.rate_burst)


def _other_issuer(settings: Settings) -> OidcIssuer | None:
    issuer, audience = settings.oidc_issuer, settings.oidc_audience
    if issuer is None or audience is None or settings.oidc_jwks_url is None:
        return None
    return OidcIssuer(issuer=issuer, audience=audience, jwks_url=settings.oidc_jwks_url)


async def _say_status(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)
