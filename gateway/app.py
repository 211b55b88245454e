"""The composition root: from settings to one ASGI app. The only module that meets everything."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.access.audit_trail import AuditTrail
from gateway.access.authentication import Authenticator
from gateway.access.budget import Budgets
from gateway.access.oidc import oidc_verifier
from gateway.access.roles import Roles
from gateway.clock import now
from gateway.demo import demo_routes
from gateway.graph.context import Services
from gateway.graph.endpoint import GraphQLEndpoint
from gateway.graph.graphiql_page import graphiql_routes
from gateway.graph.schema import make_schema
from gateway.intake.definitions import DefinitionReader, rules_of
from gateway.intake.device import read_user_agent
from gateway.intake.privacy import privacy_of
from gateway.intake.replay import Replay
from gateway.intake.session_ends import end_sessions
from gateway.intake.write_keys import WriteKeys
from gateway.intake.writer import Writer
from gateway.live.hub import Hub
from gateway.prediction.preview import Previews
from gateway.prediction.schedule import TrainingRules
from gateway.prediction.scheduled_training import ScheduledTraining
from gateway.prediction.scorer import Scorer
from gateway.prediction.training import retrain_stale
from gateway.security_headers import SecurityHeaders
from gateway.settings import Settings
from gateway.storage.cancellation import ended
from gateway.storage.connection import Connection, connect
from gateway.storage.database import Database
from gateway.storage.definitions import outcome_rows
from gateway.storage.documents.outcome import outcome_from
from gateway.storage.errors import StorageError
from gateway.storage.identity.expiry import expire
from gateway.storage.turns import take_turn
from snippet.collector import Collector
from snippet.tag_route import TagRoute

RETRAIN_EVERY_SECONDS = 60.0
LOOK_FOR_TURN_EVERY_SECONDS = 60.0
END_SESSIONS_EVERY = timedelta(seconds=10)
"""How often sessions that are over are told what that fulfils, by one process; each process looks as often."""
SWEEP_EVERY = timedelta(hours=1)
"""How often what has expired is removed, by one process, however many there are."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_app(settings: Settings, mongodb_url: str) -> AsyncIterator[ASGIApp]:
    """Connect to MongoDB and yield the app; at the end what waits is committed before the connection closes.

    Raises:
        StorageError: MongoDB cannot be used; the text says why and what to do.
    """
    read_user_agent("")  # loads the parser, so that the first visitor need not wait for it
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(await connect(mongodb_url, settings.database))
        database = connection.database
        scorer = Scorer()
        stack.push_async_callback(scorer.close)
        definitions = DefinitionReader(database, rules_of(settings), scorer)
        writer = await stack.enter_async_context(Writer(database, definitions).running())
        hub = Hub(database, now)
        stack.push_async_callback(hub.close)
        await stack.enter_async_context(_repeated(RETRAIN_EVERY_SECONDS, lambda: _retrain(connection, settings)))
        await stack.enter_async_context(_repeated(LOOK_FOR_TURN_EVERY_SECONDS, lambda: _sweep(connection)))
        await stack.enter_async_context(
            _repeated(END_SESSIONS_EVERY.total_seconds(), lambda: _end_sessions(connection, definitions))
        )
        await stack.enter_async_context(_training(database, settings, mongodb_url))
        audit_trail = await stack.enter_async_context(AuditTrail(database).running())
        replay = Replay(database, definitions)
        roles = Roles(database)
        oidc = await stack.enter_async_context(oidc_verifier(settings, roles.all))
        authenticator = Authenticator(database, now, oidc.viewer_of if oidc else None, roles)
        await stack.enter_async_context(authenticator.running())
        budgets = Budgets.of(settings)
        previews = Previews(mongodb_url, settings.database, settings.session_timeout)
        stack.push_async_callback(previews.close)
        services = Services(
            database,
            hub,
            now,
            settings.session_timeout,
            replay,
            audit_trail,
            authenticator,
            previews,
            settings.region,
            settings.contact_divisions,
            frozenset(role for _, role in settings.oidc_roles or ()),
        )
        yield _Doors(
            collector=Collector(WriteKeys(database), writer, now, privacy=privacy_of(settings)),
            tag=TagRoute(),
            graphql=GraphQLEndpoint(make_schema(), services, budgets, settings),
            pages=Starlette(routes=[*_operation(connection), *_pages(settings, authenticator, budgets)]),
        )


class _Doors:
    """Which app answers which path; the hot path is asked for first."""

    def __init__(self, collector: ASGIApp, tag: ASGIApp, graphql: ASGIApp, pages: ASGIApp) -> None:
        self._collector, self._pages = collector, SecurityHeaders(pages)
        self._exact: dict[str, ASGIApp] = {"/tag.js": tag, "/graphql": SecurityHeaders(graphql)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if scope["type"] == "http" and path.startswith("/v1/"):
            app = self._collector
        elif scope["type"] == "http" or path == "/graphql":
            app = self._exact.get(path, self._pages)
        else:  # Starlette closes a socket that none of its routes is for
            app = self._pages
        await app(scope, receive, send)


def _pages(settings: Settings, authenticator: Authenticator, budgets: Budgets) -> list[BaseRoute]:
    token = settings.admin_token or "" if settings.demo_dir else None
    placeholders = {"WRITE_KEY": settings.write_key or "", "ADMIN_TOKEN": token or ""}
    graphiql = graphiql_routes(token, authenticator, budgets) if settings.serves_graphiql else []
    return [*graphiql, *demo_routes(settings.demo_dir, placeholders)]


def _operation(connection: Connection) -> list[BaseRoute]:
    async def health(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_: Request) -> Response:
        if await connection.is_ready():
            return PlainTextResponse("ready\n")
        return PlainTextResponse("MongoDB has no primary that answers.\n", status_code=503)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(_registry()), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", health), Route("/readyz", ready), Route("/metrics", metrics)]


def _registry() -> CollectorRegistry:
    """Return the figures of this process, or of all workers when they share a directory for them."""
    registry = CollectorRegistry()
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # published without types
    except ValueError:  # no directory: there is one process
        return REGISTRY
    return registry


@asynccontextmanager
async def _repeated(seconds: float, work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    async def run() -> None:
        while True:
            try:
                await work()
            except StorageError as error:
                log.warning("background work will be tried again", error=str(error))
            except Exception:
                log.exception("background work failed")
            await asyncio.sleep(seconds)

    task = asyncio.create_task(run(), name="background")
    try:
        yield
    finally:
        await ended(task)


@asynccontextmanager
async def _training(database: Database, settings: Settings, mongodb_url: str) -> AsyncIterator[None]:
    rules = TrainingRules(settings.session_timeout, settings.train_every, settings.drift_bound)
    training = ScheduledTraining(database, mongodb_url, rules, now)
    try:
        async with _repeated(rules.look_every.total_seconds(), training.look):
            yield
    finally:
        await training.close()


async def _retrain(connection: Connection, settings: Settings) -> None:
    outcomes = [outcome_from(row) for row in await outcome_rows(connection.database)]
    await retrain_stale(connection.database, outcomes, now(), settings.session_timeout)


async def _end_sessions(connection: Connection, definitions: DefinitionReader) -> None:
    if await take_turn(connection.database, "session ends", END_SESSIONS_EVERY, now()):
        await end_sessions(connection.database, await definitions.read(), now())


async def _sweep(connection: Connection) -> None:
    if await take_turn(connection.database, "expiry", SWEEP_EVERY, now()):
        removed = await expire(connection.database, now())
        if removed:
            log.info("expired contacts removed", **removed)
