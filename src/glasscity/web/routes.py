"""What a browser may ask for over HTTP: texts, scenarios, levers, stored runs, reports, tasks, own schemes."""

from __future__ import annotations

import csv
import io
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from glasscity.errors import GlassCityError, InputError, Problem, Problems
from glasscity.jobs import proposals
from glasscity.jobs.levers import levers
from glasscity.web import recipes, texts
from glasscity.web.guard import PUPIL, TEACHER
from glasscity.web.messages import MOST_BYTES, Change, Lang, Message, Name, Wanted
from glasscity.web.problems import told_of, unlike
from glasscity.web.shelf import LARGEST_UPLOAD
from glasscity.web.worlds import plain_change

PAGE_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox allow-popups"
Handler = Callable[[Request], Awaitable[Response]]


class Compare(Message):
    kind: Literal["compare"]
    recipe: Wanted
    change: Change
    since: int = Field(0, ge=0, le=3660)
    seeds: int = Field(5, ge=1, le=20)


class Keep(Message):
    kind: Literal["keep"]
    recipe: Wanted


class Report(Message):
    kind: Literal["report"]
    id: Name
    lang: Lang = "en"
    pdf: bool = False
    quick: bool = True


class Ordered(Message):
    task: Annotated[Compare | Keep | Report, Field(discriminator="kind")]


class Scheme(Message):
    answers: dict[str, Any] | None = Field(None, max_length=200)
    toml: str | None = None


Word = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]  # nothing that a spreadsheet would take for a formula


class Prediction(Message):
    story: Word
    question: Word
    value: float = Field(ge=-1e6, le=1e6)
    truth: float | None = Field(None, ge=-1e6, le=1e6)


def safe(handler: Handler) -> Handler:
    """Problems as JSON with a fitting status, and never a traceback."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except ValidationError as error:
            return JSONResponse({"problems": unlike(error, "request", 10)}, 422)
        except Problems as error:
            return JSONResponse({"problems": told_of(error)}, 422)
        except InputError as error:
            return JSONResponse({"problems": told_of(error)}, 404)
        except GlassCityError as error:
            return JSONResponse({"problems": told_of(error)}, 409)

    return answer


async def body(request: Request, model: type[Message], most: int = MOST_BYTES) -> Any:
    """A request's body, checked; Problems if it is too long or no such table."""
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > most:
            raise Problems([Problem("request", "(body)", f"more than {most} bytes", f"at most {most}")])
    return model.model_validate_json(data)


def lang_of(request: Request) -> str:
    given = request.query_params.get("lang", "en")
    return given if given in texts.LANGUAGES else "en"


def only_teacher(request: Request) -> None:
    """InputError for pupils."""
    if request.scope["visitor"].role != TEACHER:
        raise InputError("only the teacher can do this")


# --- what there is ---------------------------------------------------------------------------------------


@safe
async def words(request: Request) -> Response:
    """All texts of the page in one language."""
    return JSONResponse(texts.page(lang_of(request)))


@safe
async def me(request: Request) -> Response:
    """Who the visitor is to the server, and what it is open to."""
    state, visitor = request.app.state, request.scope["visitor"]
    is_teacher = visitor.role == TEACHER
    return JSONResponse({
        "role": visitor.role, "class": state.address if is_teacher and state.address else None, "qr": state.qr if is_teacher else None,
        "isClass": bool(state.address), "broadcast": state.worlds.broadcast,
        "most": recipes.MOST_CITIZENS.get(visitor.role, state.shelf.most_citizens), "version": state.version,
    })  # fmt: skip


@safe
async def scenarios(request: Request) -> Response:
    """Built-in scenarios and own schemes, in one language."""
    built_in = await run_in_threadpool(texts.scenarios, lang_of(request))
    own = [{"id": s["id"], "name": s["name"].get(lang_of(request)) or s["name"]["en"], "own": True} for s in request.app.state.shelf.own()]
    return JSONResponse({"scenarios": built_in + own})


@safe
async def scenario(request: Request) -> Response:
    """Everything that can be moved in a scenario, in one language."""
    name = request.app.state.shelf.scenario(request.path_params["name"])
    return JSONResponse(await run_in_threadpool(levers, name, lang_of(request)))


@safe
async def worlds(request: Request) -> Response:
    """The visitor's watched worlds; the teacher's are all of them."""
    state, visitor = request.app.state, request.scope["visitor"]
    found = [
        {
            "id": w.id, "scenario": state.shelf.name_of(w.recipe.scenario), "citizens": w.recipe.citizens, "days": w.recipe.days,
            "seed": w.recipe.seed, "day": w.day, "set": dict(w.recipe.overlay), "twin": w.recipe.change and plain_change(w.recipe.change),
            "mine": w.owner == visitor.id,
        }
        for w in state.worlds.worlds.values()
        if w.owner == visitor.id or not state.address and visitor.role == TEACHER
    ]  # fmt: skip
    return JSONResponse({"worlds": found[::-1]})


@safe
async def forget_world(request: Request) -> Response:
    state = request.app.state
    world = state.worlds.worlds.get(request.path_params["id"])
    if world is None or (world.owner != request.scope["visitor"].id and request.scope["visitor"].role == PUPIL):
        raise InputError("there is no such world")
    state.worlds.forget(world)
    return JSONResponse({})


@safe
async def runs(request: Request) -> Response:
    """Stored runs and twins."""
    only_teacher(request)
    return JSONResponse({"runs": await run_in_threadpool(request.app.state.shelf.stored)})


@safe
async def run_page(request: Request) -> Response:
    """A report as it lies in its folder."""
    only_teacher(request)
    path = request.app.state.shelf.page(request.path_params["id"], request.path_params["file"])
    kind = "application/pdf" if path.suffix == ".pdf" else "text/html; charset=utf-8"
    headers = {} if path.suffix == ".pdf" else {"Content-Security-Policy": PAGE_CSP}
    return FileResponse(path, media_type=kind, headers=headers)


@safe
async def file_page(request: Request) -> Response:
    """A synthetic citizen's file as a page of its own."""
    state, visitor = request.app.state, request.scope["visitor"]
    world = state.worlds.worlds.get(request.path_params["id"])
    if world is None or (visitor.role == PUPIL and world.owner != visitor.id and world.id != state.worlds.broadcast):
        raise InputError("there is no such world")
    numbers = {key: request.query_params.get(key, "0") for key in ("citizen", "side")}
    if not all(value.isdecimal() and len(value) < 11 for value in numbers.values()):
        raise InputError("citizen and side are whole numbers")
    given = {key: int(value) for key, value in numbers.items()} | {"lang": lang_of(request)}
    is_right, found = await state.worlds.staff.ask(world.id, "page", given)
    if not is_right:
        return JSONResponse({"problems": found}, 422)
    return Response(found, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": PAGE_CSP})


# --- work ------------------------------------------------------------------------------------------------


@safe
async def start_task(request: Request) -> Response:
    """Begin something that takes a while."""
    state, visitor = request.app.state, request.scope["visitor"]
    order = (await body(request, Ordered)).task
    if order.kind == "report":
        only_teacher(request)
        place = state.shelf.place(order.id)
        given: dict[str, Any] = {"folder": str(place), "name": place.name, "lang": order.lang, "pdf": order.pdf, "quick": order.quick}
    else:
        given = await run_in_threadpool(wanted, state, visitor.role, order)
    return JSONResponse(state.tasks.start(visitor.id, order.kind, given).plain, 202)


def wanted(state: Any, role: str, order: Compare | Keep) -> dict[str, Any]:
    """What a run or a comparison is given; Problems if it cannot be."""
    recipe = recipes.wanted(order.recipe, state.shelf, role)
    plain = {"scenario": recipe.scenario, "citizens": recipe.citizens, "days": recipe.days, "seed": recipe.seed, "overlay": dict(recipe.overlay)}
    out = state.shelf.free(f"{'twin-' if order.kind == 'compare' else ''}{order.recipe.scenario}")
    given: dict[str, Any] = {"out": str(out), "name": out.name, "recipe": plain}
    if isinstance(order, Compare):
        if plain["overlay"]:
            raise Problems([Problem("page", "set", "changes of the scheme itself", "none: compare a scheme as it stands, or save it as one's own")])
        change = plain_change(recipes.change_of(order.change, state.shelf))
        start = recipe.plan.resolved.scenario.start
        given |= {"change": change, "seeds": order.seeds, "since": (start + timedelta(days=order.since)).isoformat() if order.since else None}
    return given


@safe
async def task(request: Request) -> Response:
    """How far a task is."""
    number = request.path_params["number"]
    return JSONResponse(request.app.state.tasks.of(request.scope["visitor"].id, number).plain)


# --- own schemes -----------------------------------------------------------------------------------------


@safe
async def form(request: Request) -> Response:
    """The questions about a proposed scheme."""
    return JSONResponse({"questions": proposals.form(lang_of(request))})


@safe
async def new_scheme(request: Request) -> Response:
    """Keep a scheme, from answers or from a TOML file; what is wrong with it is told all at once."""
    only_teacher(request)
    shelf, given = request.app.state.shelf, await body(request, Scheme, LARGEST_UPLOAD + MOST_BYTES)
    if (given.answers is None) == (given.toml is None):
        raise Problems([Problem("request", "answers, toml", "both or neither", "one of them")])
    name = await run_in_threadpool(shelf.answered, given.answers) if given.toml is None else await run_in_threadpool(shelf.uploaded, given.toml)
    return JSONResponse({"id": name}, 201)


@safe
async def scheme_text(request: Request) -> Response:
    """An own scheme's documents."""
    return PlainTextResponse(request.app.state.shelf.text(request.path_params["name"]))


@safe
async def forget_scheme(request: Request) -> Response:
    only_teacher(request)
    request.app.state.shelf.remove_scheme(request.path_params["name"])
    return JSONResponse({})


# --- class -----------------------------------------------------------------------------------------------


@safe
async def predict(request: Request) -> Response:
    """Keep a prediction, without saying whose it is."""
    given, kept = await body(request, Prediction), request.app.state.predictions
    kept.add(request.scope["visitor"].id, given.story, given.question, given.value, given.truth)
    return JSONResponse({"values": kept.values(given.story, given.question)})


@safe
async def predictions(request: Request) -> Response:
    """All predictions as CSV, without anything that tells who made them."""
    only_teacher(request)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("story", "question", "prediction", "truth"))
    writer.writerows(request.app.state.predictions.rows())
    headers = {"Content-Disposition": 'attachment; filename="predictions.csv"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


class Broadcast(Message):
    world: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None


@safe
async def broadcast(request: Request) -> Response:
    """Show one world to all, or no longer."""
    only_teacher(request)
    state, given = request.app.state, await body(request, Broadcast)
    if given.world is not None and given.world not in state.worlds.worlds:
        raise InputError("there is no such world")
    state.worlds.broadcast = given.world
    state.tell_all("class", broadcast=given.world)
    return JSONResponse({"broadcast": given.world})


@safe
async def reset(request: Request) -> Response:
    """Bring everybody back to the beginning: pupils' worlds and all predictions go."""
    only_teacher(request)
    state, teacher = request.app.state, request.scope["visitor"].id
    for world in [w for w in state.worlds.worlds.values() if w.owner != teacher]:
        state.worlds.forget(world)
    state.predictions.clear()
    state.tell_all("reset")
    return JSONResponse({})


ROUTES = [
    Route("/api/words", words), Route("/api/me", me), Route("/api/scenarios", scenarios), Route("/api/scenarios/{name}", scenario),
    Route("/api/worlds", worlds), Route("/api/worlds/{id}", forget_world, methods=["DELETE"]), Route("/api/worlds/{id}/file", file_page),
    Route("/api/runs", runs), Route("/api/runs/{id}/{file}", run_page),
    Route("/api/tasks", start_task, methods=["POST"]), Route("/api/tasks/{number:int}", task),
    Route("/api/form", form), Route("/api/schemes", new_scheme, methods=["POST"]),
    Route("/api/schemes/{name}", scheme_text), Route("/api/schemes/{name}", forget_scheme, methods=["DELETE"]),
    Route("/api/predictions", predict, methods=["POST"]), Route("/api/predictions.csv", predictions),
    Route("/api/class/broadcast", broadcast, methods=["POST"]), Route("/api/class/reset", reset, methods=["POST"]),
]  # fmt: skip
