"""The server, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from glasscity.web.guard import Door, Guard
from glasscity.web.predictions import Predictions
from glasscity.web.routes import ROUTES
from glasscity.web.shelf import Shelf
from glasscity.web.tasks import Tasks
from glasscity.web.viewer import Viewer
from glasscity.web.worlds import Worlds

PAGE = Path(str(files("glasscity") / "web" / "page"))
WORLDS = "worlds"
TIDY_EVERY = 10.0  # seconds
MOST_TABS = 200


def build(
    folder: Path, door: Door, processes: int = 1, threads: int = 2, address: str = "", qr: str = "", most_citizens: int | None = None
) -> Starlette:
    """The application over a folder. `address` and `qr` (SVG) are shown to the teacher of a class."""

    @asynccontextmanager
    async def alive(app: Starlette) -> AsyncIterator[None]:
        app.state.worlds.begin()
        tidying = asyncio.create_task(tidy(app))
        try:
            yield
        finally:
            tidying.cancel()
            app.state.worlds.end()
            app.state.tasks.end()

    routes = [*ROUTES, WebSocketRoute("/api/live", live), Mount("/", StaticFiles(directory=PAGE, html=True))]
    app = Starlette(routes=routes, middleware=[Middleware(Guard, door=door)], lifespan=alive)
    app.state.shelf = Shelf(folder, most_citizens)
    app.state.worlds = Worlds(folder / WORLDS, processes, threads)
    app.state.tasks = Tasks()
    app.state.predictions = Predictions()
    app.state.viewers = set()
    app.state.address, app.state.qr, app.state.version = address, qr, version("glasscity")
    app.state.tell_all = lambda what, **told: [viewer.say(what, **told) for viewer in app.state.viewers]
    return app


async def live(socket: WebSocket) -> None:
    """The websocket of one tab."""
    state = socket.app.state
    if len(state.viewers) >= MOST_TABS:
        await socket.close(1013, "too many tabs")
        return
    await socket.accept()
    viewer = Viewer(socket, state.worlds, state.shelf, socket.scope["visitor"])
    state.viewers.add(viewer)
    try:
        await viewer.serve()
    finally:
        state.viewers.discard(viewer)


async def tidy(app: Starlette) -> None:
    """Now and then, put worlds to sleep that nobody watches."""
    while True:
        await asyncio.sleep(TIDY_EVERY)
        with suppress(OSError):
            app.state.worlds.put_to_sleep()
