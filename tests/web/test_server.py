"""The server before hostile tabs: who is let in, what a name can reach, how much one may ask, and messages that make no sense."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
from served import Server
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from glasscity.errors import DiskFull
from glasscity.jobs.living import Recipe
from glasscity.web.guard import PUPIL, TEACHER, Door, host_of
from glasscity.web.messages import MOST_BYTES
from glasscity.web.predictions import Predictions
from glasscity.web.serve import bound
from glasscity.web.shelf import LARGEST_UPLOAD
from glasscity.web.worlds import Worlds

SMALL = {"scenario": "rongcheng", "citizens": 500, "days": 21}


@pytest.fixture(scope="module")
def web(server) -> Iterator[httpx.Client]:
    base = f"http://127.0.0.1:{server.port}"
    with httpx.Client(base_url=base, headers={"Origin": base}, timeout=60) as client:
        client.get("/api/me")  # brings the visitor's number
        yield client


@contextmanager
def tab(server, origin: str | None = None, cookie: str = "") -> Iterator[ClientConnection]:
    """A websocket, as a browser's tab opens it."""
    base = f"127.0.0.1:{server.port}"
    headers = {"Cookie": f"glasscity={cookie}"} if cookie else {}
    with connect(f"ws://{base}/api/live", origin=origin or f"http://{base}", max_size=None, additional_headers=headers, open_timeout=60) as socket:  # type: ignore[arg-type]
        yield socket


def say(socket: ClientConnection, **order: Any) -> None:
    socket.send(json.dumps(order))


def until(socket: ClientConnection, what: str, timeout: float = 60) -> dict[str, Any]:
    """The next message of a kind; pictures are acknowledged."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        message = socket.recv(timeout=timeout)
        if isinstance(message, bytes):
            if message[0] == 1:
                say(socket, op="ack")
            continue
        told = json.loads(message)
        if told["what"] == what:
            return told
    raise TimeoutError(what)


def waited_for(web: httpx.Client, number: int) -> dict[str, Any]:
    """A task once it has ended."""
    while (task := web.get(f"/api/tasks/{number}").json())["state"] in ("waiting", "working"):
        time.sleep(0.1)
    return task


def ended(web: httpx.Client, task: dict[str, Any]) -> dict[str, Any]:
    """A task begun and ended."""
    return waited_for(web, web.post("/api/tasks", json={"task": task}).json()["number"])


# --- who is let in -------------------------------------------------------------------------------------


def test_hosts__of_others_are_refused(web):
    assert web.get("/", headers={"Host": "evil.example"}).status_code == 403
    assert web.get("/", headers={"Host": f"localhost:{web.base_url.port}"}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_changes__from_other_pages_are_refused(web, server, origin):
    assert web.post("/api/class/reset", json={}, headers={"Origin": origin}).status_code == 403
    with pytest.raises(InvalidStatus), tab(server, origin):
        pass


def test_changes__without_an_origin_are_refused(web):
    del web.headers["Origin"]
    try:
        assert web.post("/api/class/reset", json={}).status_code == 403
    finally:
        web.headers["Origin"] = str(web.base_url).rstrip("/")


@pytest.mark.parametrize("path", ["/", "/api/me", "/nothing", "/index.js"])
def test_headers__bind_the_browser(web, path):
    headers = web.get(path).headers
    assert "script-src 'self'" in headers["content-security-policy"] and "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


def test_door__of_a_class_opens_to_its_tokens_and_no_others():
    door = Door.of_class({"192.0.2.7"})
    assert door.role_of(door.token(TEACHER)) == TEACHER and door.role_of(door.token(PUPIL)) == PUPIL
    assert door.role_of("") is None and door.role_of(door.token(PUPIL)[:-1]) is None
    assert Door.closed().role_of("") == TEACHER and Door.closed().hosts == {"localhost", "127.0.0.1", "[::1]"}


@pytest.mark.parametrize(("told", "host"), [("[::1]:80", "[::1]"), ("LOCALHOST:8000", "localhost"), ("[", ""), ("", "")])
def test_host__is_read_without_its_port(told, host):
    assert host_of(told) == host


# --- what a name can reach -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [
    "/..%2f..%2f..%2fetc%2fpasswd", "/api/runs/..%2f../run.json", "/api/runs/worlds/x.json", "/api/runs/..%2f..%2fetc/report.html",
    "/api/schemes/..%2f..%2fetc", "/api/schemes/own-000000000000", "/api/scenarios/%2fetc%2fpasswd", "/api/worlds/0/file?citizen=-1",
])  # fmt: skip
def test_paths__lead_nowhere_but_to_what_is_shown(web, path):
    answer = web.get(path)
    assert answer.status_code in (404, 422) and "root:" not in answer.text


def test_links__out_of_the_folder_are_not_followed(web, server, tmp_path):
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "report.html").write_text("secret")
    (server.folder / "linked").symlink_to(tmp_path)
    assert web.get("/api/runs/linked/report.html").status_code == 404
    assert "linked" not in web.get("/api/runs").text


@pytest.mark.parametrize("change", [
    'rulebook = "/etc/passwd"\n', 'rulebook = "../../x"\n', 'rulebook = "beijing-2020"\npopulation = "people.csv"\n',
    'rulebook = "beijing-2020"\ncatalogue = "/dev/zero"\n',
])  # fmt: skip
def test_upload__reaches_no_file(web, change):
    answer = web.post("/api/schemes", json={"toml": change})
    assert answer.status_code == 422 and "built-in name" in answer.text
    assert not [s for s in web.get("/api/scenarios").json()["scenarios"] if s.get("own")]


@pytest.mark.parametrize("text", ["", "\x00", "a = ", "[articles]\n" * 3, "people = [{ name = 'A' }]", "x = " + "[" * 500])
def test_upload__of_anything_is_a_clear_error(web, text):
    answer = web.post("/api/schemes", json={"toml": text})
    assert answer.status_code == 422 and answer.json()["problems"][0]["found"]


def test_upload__that_is_too_large_is_refused(web):
    assert web.post("/api/schemes", json={"toml": "#" * (LARGEST_UPLOAD + 1)}).status_code == 422
    assert web.post("/api/predictions", content=b"x" * (MOST_BYTES + 1)).status_code == 422


@pytest.mark.parametrize("story", ["=cmd()", "+1", "a,b", "A", ""])
def test_predictions__take_no_formula_for_a_spreadsheet(web, story):
    assert web.post("/api/predictions", json={"story": story, "question": "truth", "value": 1}).status_code == 422


def test_answers__about_a_person_are_no_answers(web):
    answer = web.post("/api/schemes", json={"answers": {"name": "x", "people": ["Li Wei"], "address": "somewhere"}})
    assert answer.status_code == 422
    assert {"people", "address"} <= {problem["path"] for problem in answer.json()["problems"]}


# --- how much one may ask ----------------------------------------------------------------------------------


def test_messages__in_a_flood_close_the_tab_and_no_other(server):
    with tab(server) as other:
        with tab(server) as socket, pytest.raises(ConnectionClosed) as closed:
            for _ in range(5000):
                socket.send('{"op": "pause"}')
            while True:
                socket.recv(timeout=20)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008
        say(other, op="open", recipe=SMALL)
        assert until(other, "told")["told"]["citizens"] == 500


def test_message__that_is_too_long_closes_the_tab(server):
    with tab(server) as socket, pytest.raises(ConnectionClosed) as closed:
        socket.send("x" * (MOST_BYTES + 2000))
        while True:
            socket.recv(timeout=20)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009


def test_tasks__beyond_three_wait_for_their_turn_elsewhere(web):
    order = {"task": {"kind": "keep", "recipe": SMALL}}
    answers = [web.post("/api/tasks", json=order) for _ in range(5)]
    assert [a.status_code for a in answers] == [202, 202, 202, 404, 404]
    numbers = [a.json()["number"] for a in answers[:3]]
    done = [waited_for(web, number) for number in numbers]
    assert len({task["result"]["digest"] for task in done}) == 1  # three runs, one digest
    with httpx.Client(base_url=web.base_url) as stranger:
        assert stranger.get(f"/api/tasks/{numbers[0]}").status_code == 404


def test_report__of_a_kept_run_is_served_without_script(web):
    kept = ended(web, {"kind": "keep", "recipe": SMALL})["result"]
    made = ended(web, {"kind": "report", "id": kept["id"], "lang": "nl", "quick": True})["result"]
    assert kept["id"] in [run["id"] for run in web.get("/api/runs").json()["runs"]]
    answer = web.get(f"/api/runs/{kept['id']}/{made['file']}")
    assert answer.status_code == 200 and '<html lang="nl"' in answer.text
    assert "sandbox" in answer.headers["content-security-policy"] and "script-src" not in answer.headers["content-security-policy"]


# --- messages that make no sense ---------------------------------------------------------------------------

GOOD: list[dict[str, Any]] = [
    {"op": "open", "recipe": SMALL}, {"op": "play", "speed": 50}, {"op": "step", "days": 2}, {"op": "show", "day": 3}, {"op": "layer", "layer": "note"},
    {"op": "twin", "change": {"without": ["lists"]}, "day": 2}, {"op": "file", "number": 1, "citizen": 3, "side": 1, "lang": "nl"},
    {"op": "lives", "number": 2, "story": "trap"}, {"op": "charts", "number": 3, "metric": "standing"}, {"op": "values", "number": 4, "wanted": [["a", "b"]]},
    {"op": "watch", "world": "0" * 16}, {"op": "rejoin"}, {"op": "again", "number": 5},
]  # fmt: skip
STRANGE = [None, True, -1, 10**30, 1e308, "", "\x00", "../../etc/passwd", "x" * 5000, [], {}, [[]] * 50, {"a": {"b": {}}}, "NaN", "'; --", "<script>"]


def mutated(order: Any, chance: random.Random) -> Any:
    """An order with something strange somewhere in it."""
    if isinstance(order, dict) and order and chance.random() < 0.85:
        key = chance.choice(list(order))
        return {**order, key: mutated(order[key], chance)} if chance.random() < 0.9 else {**order, str(chance.choice(STRANGE))[:40]: 1}
    if isinstance(order, list) and order and chance.random() < 0.7:
        return [mutated(one, chance) for one in order]
    return chance.choice(STRANGE)


def test_fuzz__neither_crashes_nor_leaks(server):
    chance = random.Random(20)
    for _ in range(6):
        with tab(server) as socket:
            say(socket, op="open", recipe=SMALL)
            until(socket, "figures")
            for _ in range(60):
                order = mutated(chance.choice(GOOD), chance)
                text = json.dumps(order)
                text = text[: chance.randrange(1, len(text) + 1)] if chance.random() < 0.15 else text
                try:
                    socket.send(text)
                except ConnectionClosed as error:
                    raise AssertionError(order) from error
            say(socket, op="glances", number=77)
            while (told := until(socket, "answer"))["number"] != 77:
                pass
            assert "found" in told or "problems" in told
    assert "Traceback" not in server.said


def test_fuzz__of_requests_is_told_what_is_wrong(web):
    chance = random.Random(7)
    orders = [
        ("/api/tasks", {"task": {"kind": "compare", "recipe": {**SMALL, "set": {"a.b": 1}}, "change": {"without": ["lists"]}, "seeds": 1}}),
        ("/api/predictions", {"story": "a", "question": "b", "value": 1.0}), ("/api/class/broadcast", {"world": "0" * 16}),
        ("/api/schemes", {"answers": {"name": "x", "points": {"unpaid_debt": -1}}}),
    ]  # fmt: skip
    for _ in range(80):
        path, order = chance.choice(orders)
        body = json.dumps(mutated(order, chance)).encode()
        answer = web.post(path, content=body if chance.random() < 0.9 else body[::-1], headers={"Content-Type": "application/json"})
        assert answer.status_code < 500, (path, body[:300], answer.text)
        if answer.status_code >= 400:
            assert answer.json()["problems"], body[:300]


def test_twin__begun_anew_on_the_same_day_is_told_with_its_own_figures(server):
    with tab(server) as socket:
        say(socket, op="open", recipe={**SMALL, "scenario": "beijing-2020", "citizens": 2000}, day=14)
        until(socket, "figures")
        found = []
        for change, since in (({"without": ["lists", "friends", "cap"]}, 0), ({"without": ["informers"]}, 14)):
            say(socket, op="twin", change=change, day=since)
            say(socket, op="show", day=14)
            while not (told := until(socket, "figures")["figures"]).get("groups") or len(told["groups"]) < 2 or told["day"] != 14:
                pass
            found.append(told["groups"])
        (one, early), (same, late) = found
        assert one == same == late != early  # a twin that begins today has had the scheme's past


def test_watch__of_a_world_that_is_not_there_is_said(server):
    with tab(server) as socket:
        say(socket, op="watch", world="f" * 16)
        assert until(socket, "failed")["problems"][0]["found"] == "there is no such world"
        say(socket, op="play")
        assert until(socket, "failed")["problems"][0]["found"] == "no world is open"


# --- a class -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    found = Server(tmp_path_factory.mktemp("school"), ("--class", "--host", "127.0.0.1")).start()
    yield found
    found.stop()


def pupil_of(school) -> tuple[httpx.Client, str]:
    """A pupil's browser, come in by the address that is shown to all; and the cookie it got."""
    query = next(line.split("?")[1] for line in reversed(school.said.split()) if "?token=" in line and line.split("?")[1] != school.query.lstrip("?"))
    return visitor_of(school, query)


def visitor_of(school, query: str) -> tuple[httpx.Client, str]:
    base = f"http://127.0.0.1:{school.port}"
    client = httpx.Client(base_url=base, headers={"Origin": base}, timeout=60)
    answer = client.get(f"/?{query}")
    assert answer.status_code == 303 and "token" not in answer.headers["location"]
    return client, client.cookies["glasscity"]


def test_class__needs_the_token(school):
    base = f"http://127.0.0.1:{school.port}"
    assert httpx.get(f"{base}/").status_code == 403
    assert httpx.get(f"{base}/api/me?token=wrong").status_code == 403
    with pytest.raises(InvalidStatus), tab(school):
        pass


def test_class__shows_one_city_to_all_and_pupils_move_only_their_own(school):
    teacher, key = visitor_of(school, school.query.lstrip("?"))
    pupil, own = pupil_of(school)
    assert teacher.get("/api/me").json()["role"] == TEACHER and "<svg viewBox=" in teacher.get("/api/me").json()["qr"]
    assert pupil.get("/api/me").json() | {"role": PUPIL, "class": None, "qr": None} == pupil.get("/api/me").json()
    assert pupil.get("/api/runs").status_code == 404 and pupil.post("/api/schemes", json={"toml": ""}).status_code == 404
    with tab(school, cookie=key) as front, tab(school, cookie=own) as back:
        say(front, op="open", recipe=SMALL)
        world = until(front, "told")["world"]
        say(back, op="watch", world=world)
        assert until(back, "failed")  # not shown to all yet
        assert teacher.post("/api/class/broadcast", json={"world": world}).status_code == 200
        assert until(back, "class")["broadcast"] == world
        say(back, op="watch", world=world)
        until(back, "told")
        say(back, op="play")
        assert "teacher" in until(back, "failed")["problems"][0]["found"]
        say(front, op="step", days=5)
        while until(back, "state")["state"]["shown"] != 5:
            pass
        say(back, op="open", recipe={**SMALL, "citizens": 200_000})
        assert "at most 100000" in until(back, "failed")["problems"][0]["allowed"]
        say(back, op="open", recipe={**SMALL, "citizens": 100_000, "days": 3000})
        assert until(back, "failed")["problems"][0]["path"] == "citizens x days"
        say(back, op="open", recipe=SMALL)
        mine = until(back, "told")["world"]
        pupil.post("/api/predictions", json={"story": "cap", "question": "truth", "value": 3})
        assert pupil.get("/api/predictions.csv").status_code == 404
        assert "cap,truth,3.0," in teacher.get("/api/predictions.csv").text
        assert teacher.post("/api/class/reset", json={}).status_code == 200
        until(back, "reset")
        assert mine not in pupil.get("/api/worlds").text and "cap" not in teacher.get("/api/predictions.csv").text


def test_predictions__keep_one_number_each_and_no_order():
    kept = Predictions()
    for k in range(100):
        kept.add(f"visitor{k}", "s", "q", k, None)
    kept.add("visitor7", "s", "q", 500, 1.0)
    assert len(kept.values("s", "q")) == 100 and max(kept.values("s", "q")) == 500 and kept.values("s", "other") == []
    assert sorted(row[2] for row in kept.rows()) == kept.values("s", "q")
    assert [row[2] for row in kept.rows()] != [row[2] for row in kept.rows()]  # shuffled; one in 100! that they agree


# --- the port ------------------------------------------------------------------------------------------------


def test_port__of_another_program_is_named():
    with bound("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        told = subprocess.run([sys.executable, "-m", "glasscity", "serve", "--port", str(port)], capture_output=True, text=True)
    assert told.returncode == 2 and f"port {port} cannot be had" in told.stderr and f"--port {port + 1}" in told.stderr


def test_folder__of_another_server_or_that_is_none_is_named(server, tmp_path):
    (tmp_path / "file").write_text("")
    for folder, code, told in ((server.folder, 3, "another process"), (tmp_path / "file", 3, "file/worlds")):
        done = subprocess.run([sys.executable, "-m", "glasscity", "serve", "--port", "0", "--dir", str(folder)], capture_output=True, text=True)
        assert done.returncode == code and told in done.stderr, done.stderr


def test_world__whose_process_always_dies_is_given_up_and_kept(monkeypatch, tmp_path):
    said: list[str] = []

    class Someone:
        def say(self, what, /, **told):
            said.append(what)

    worlds = Worlds(tmp_path, 1, 1)
    monkeypatch.setattr(worlds.staff, "open", lambda *given: None)
    world = worlds.new(Recipe.of("rongcheng", 100, 7), "owner")
    world.watchers.add(Someone())
    for _ in range(5):
        with suppress(StopIteration):
            worlds.lost(world.id).send(None)  # it waits for nothing, and the browser's tests have a loop running here
    assert said == ["lost"] * 3 + ["failed"] * 2 and not world.is_awake and (tmp_path / f"{world.id}.json").exists()


def test_disk__that_is_full_is_said_and_costs_nothing_else(monkeypatch, tmp_path):
    said: list[str] = []

    class Someone:
        def say(self, what, /, **told):
            said.extend(problem["found"] for problem in told.get("problems", ()))

    def full(path, parts):
        raise DiskFull(f"{path}: no room left on the disk")

    worlds = Worlds(tmp_path, 1, 1)
    world = worlds.new(Recipe.of("rongcheng", 100, 7), "owner")
    world.watchers.add(Someone())
    monkeypatch.setattr("glasscity.web.worlds.write_whole", full)
    worlds.heard_state(world, {"shown": 3, "playing": False})
    assert world.day == 3 and "no room left" in said[-1]


def test_port__that_is_none_is_named():
    told = subprocess.run([sys.executable, "-m", "glasscity", "serve", "--port", "99999"], capture_output=True, text=True)
    assert told.returncode == 2 and "allowed: 0 to 65535" in told.stderr
