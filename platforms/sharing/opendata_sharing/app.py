"""The ASGI application: `create_app` makes it of settings, `application` of the environment for any ASGI server."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from opendata_sharing.calls import Answer, Call
from opendata_sharing.errors import CallRefused, StoreUnusable
from opendata_sharing.gateway import FileGateway
from opendata_sharing.routes import PAGE, PROTOCOL
from opendata_sharing.server import Endpoint, Server
from opendata_sharing.settings import Settings, from_environment
from opendata_sharing.state import State

STORE = "OPENDATA_SHARING_STORE"
FILES = "/files/{table}/{file}"


def create_app(settings: Settings) -> Starlette:
    """The application over a store.

    Raises:
        StoreUnusable: there is no store, or its keys can't be used.
    """
    server = Server(settings)
    routes: list[BaseRoute] = [
        Route(
            address.path,
            Endpoint(server, address.action, address.handler, authenticated=address.needs_token),
            methods=list(address.methods),
        )
        for address in (*PROTOCOL, *PAGE)
    ]
    routes.append(Route(FILES, FileGateway(server), methods=["GET", "HEAD"]))
    elsewhere = Endpoint(server, "unknown", _Elsewhere(routes), authenticated=False)
    routes.append(Route("/{rest:path}", elsewhere))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        server.close()

    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={500: _fault})
    app.router.default = elsewhere  # for paths that no route's pattern takes, such as one with a line break
    app.state.server = server
    return app


def application() -> Starlette:
    """For `uvicorn --factory opendata_sharing.app:application`: the store is the one that OPENDATA_SHARING_STORE names.

    Raises:
        StoreUnusable: the variable names none.
    """
    store = os.environ.get(STORE)
    if not store:
        raise StoreUnusable(f"set {STORE} to the folder of the store")
    return create_app(from_environment(Path(store)))


class _Elsewhere:
    """Answers what no route fits, by 405 where another method would."""

    def __init__(self, routes: list[BaseRoute]) -> None:
        self._routes = [route for route in routes if isinstance(route, Route)]

    def __call__(self, server: Server, call: Call, _state: State) -> Answer:
        """Refuse the call; a stranger may not do so too often.

        Raises:
            CallRefused: 404 or 405.
        """
        server.limits.stranger(call.client)
        call.detail = f"{call.method} {call.scope['path']}"
        if methods := self._methods(call.scope):
            allowed = ", ".join(sorted(methods))
            raise CallRefused(405, "UNSUPPORTED_OPERATION", f"here goes {allowed}", headers=(("allow", allowed),))
        raise CallRefused(404, "RESOURCE_DOES_NOT_EXIST", "there is no such address")

    def _methods(self, scope: Scope) -> set[str]:
        partly = (route for route in self._routes if route.matches(scope)[0] is Match.PARTIAL)
        return {method for route in partly for method in route.methods or ()}


async def _fault(_request: Request, _error: Exception) -> Response:
    """The answer where this program itself failed; its log has the rest."""
    content = {"errorCode": "INTERNAL_ERROR", "message": "the server failed; its log says why"}
    return JSONResponse(content, 500, {"connection": "close"})
