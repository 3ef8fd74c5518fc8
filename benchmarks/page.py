#!/usr/bin/env python
"""The page, measured: pictures a second in headless Chromium, and a class of thirty browsers at once.

    python benchmarks/page.py [--clients 30] [--seconds 20] [--citizens 100000,1000000]

Chromium draws in software (no graphics card), as many school machines do. Results are printed, and go to results/page.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import machine
import websockets

sys.path.insert(0, str(machine.HERE.parent / "tests"))
from served import Server  # noqa: E402

COUNT = """(() => { window.paints = 0; const put = CanvasRenderingContext2D.prototype.putImageData
  CanvasRenderingContext2D.prototype.putImageData = function (...given) { window.paints++; return put.apply(this, given) } })()"""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def pictures(server: Server, citizens: int, seconds: float, twin: bool = False) -> dict[str, Any]:
    """Days drawn a second by one browser that plays as fast as it goes, and seconds from opening the page to the first picture."""
    import shutil

    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800}, bypass_csp=True)
        page.set_default_timeout(300_000)
        page.add_init_script(COUNT)
        began = time.monotonic()
        page.goto(f"{server.url}#/city?scenario=beijing-2020&citizens={citizens}&days=3650" + ("&without=friends&from=0" if twin else ""))
        page.wait_for_function("window.paints > 0")
        first = time.monotonic() - began
        page.locator(".speed select").select_option("1000")
        page.get_by_role("button", name="Play").click()
        page.wait_for_timeout(3000)
        before, began = page.evaluate("window.paints"), time.monotonic()
        page.wait_for_timeout(1000 * seconds)
        n, took = page.evaluate("window.paints") - before, time.monotonic() - began
        browser.close()
    what = f"{'twins' if twin else 'city'} in Chromium"
    return {"what": what, "citizens": citizens, "first_picture_s": round(first, 2), "pictures_per_s": round(n / took / (1 + twin), 1)}


async def pupil(server: Server, cookie: str, watched: str | None, seconds: float, started: asyncio.Barrier) -> dict[str, Any]:
    """One client: days that came, pictures that came, and whether any day was missed."""
    url, base = f"ws://127.0.0.1:{server.port}/api/live", f"http://127.0.0.1:{server.port}"
    async with websockets.connect(url, origin=base, max_size=None, additional_headers={"Cookie": cookie}) as socket:  # type: ignore[arg-type]
        recipe = {"scenario": "beijing-2020", "citizens": 100_000, "days": 3650}
        await socket.send(json.dumps({"op": "watch", "world": watched} if watched else {"op": "open", "recipe": recipe}))
        while not isinstance(message := await socket.recv(), bytes) or message[0] != 1:
            pass
        await started.wait()
        if not watched:
            await socket.send('{"op": "play", "speed": 1000}')
        end, frames, days = time.monotonic() + seconds, 0, []
        while (left := end - time.monotonic()) > 0:
            try:
                message = await asyncio.wait_for(socket.recv(), left)
            except TimeoutError:
                break
            if isinstance(message, bytes):
                frames += 1
                await socket.send('{"op": "ack"}')
            elif (told := json.loads(message))["what"] == "figures":
                days.append(told["figures"]["day"])
        gaps = sum(b - a > 1 for a, b in zip(days, days[1:], strict=False))
        if not watched:
            await socket.send('{"op": "pause"}')
        return {"frames": frames, "days": len(days), "gaps": gaps}


def resident(server: Server) -> float:
    """GiB of memory of the server and its workers."""
    assert server.process is not None
    pids = [server.process.pid, *server.workers()]
    pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return sum(pages) * 4096 / 2**30


def crowd(clients: int, seconds: float, is_broadcast: bool) -> dict[str, Any]:
    """Thirty clients at once, each with a world of 100,000 of its own, or all with the teacher's."""
    import httpx

    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "class", ("--class", "--host", "127.0.0.1")).start()
        base = f"http://127.0.0.1:{server.port}"
        try:
            teacher = httpx.Client(base_url=base, headers={"Origin": base})
            teacher.get(f"/{server.query}")
            token = next(word.split("?")[1] for word in reversed(server.said.split()) if "?token=" in word)

            async def lesson() -> list[dict[str, Any]]:
                n = clients + is_broadcast
                started, world = asyncio.Barrier(n), None
                tasks = []
                if is_broadcast:
                    front = f"glasscity={teacher.cookies['glasscity']}"
                    tasks.append(asyncio.create_task(pupil(server, front, None, seconds, started)))
                    while not (found := teacher.get("/api/worlds").json()["worlds"]):
                        await asyncio.sleep(0.2)
                    world = found[0]["id"]
                    teacher.post("/api/class/broadcast", json={"world": world})
                for _ in range(clients):
                    client = httpx.Client(base_url=base)
                    client.get(f"/?{token}")
                    tasks.append(asyncio.create_task(pupil(server, f"glasscity={client.cookies['glasscity']}", world, seconds, started)))
                return await asyncio.gather(*tasks)

            done = asyncio.run(lesson())[is_broadcast:]
            rates = sorted(one["frames"] / seconds for one in done)
            return {
                "what": "class, one city for all" if is_broadcast else "class, a city each", "clients": clients, "citizens": 100_000,
                "pictures_per_s_least": round(rates[0], 1), "pictures_per_s_median": round(rates[len(rates) // 2], 1),
                "days_lost": sum(one["gaps"] for one in done), "resident_gib": round(resident(server), 2),
            }  # fmt: skip
        finally:
            server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--citizens", default="100000,1000000")
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "page").start()
        for n in map(int, given.citizens.split(",")):
            rows.append(pictures(server, n, given.seconds))
            print(rows[-1], flush=True)
        rows.append(pictures(server, 100_000, given.seconds, twin=True))
        print(rows[-1], flush=True)
        server.stop()
    for is_broadcast in (False, True):
        rows.append(crowd(given.clients, given.seconds, is_broadcast))
        print(rows[-1], flush=True)
    print(machine.save(machine.record("page", "python benchmarks/page.py", rows), machine.HERE / "results"))


if __name__ == "__main__":
    main()
