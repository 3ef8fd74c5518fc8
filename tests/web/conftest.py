"""A live server in a process of its own, and Chromium in front of it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass
class Server:
    """`glasscity serve` over a folder."""

    folder: Path
    options: tuple[str, ...] = ()
    port: int = 0
    said: str = ""
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> Server:
        """Begin, on the port it had before if it was begun before."""
        line = [sys.executable, "-u", "-m", "glasscity", "serve", "--dir", str(self.folder), "--port", str(self.port), *self.options]
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self.process.stdout is not None
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)/(\S*)", self.said)) or "Nothing about" not in self.said:
            text = self.process.stdout.readline()
            assert text, f"the server did not begin:\n{self.said}"
            self.said += text
        self.port = int(found[1])
        self.query = found[2]
        for _ in range(200):
            try:
                urllib.request.urlopen(self.url, timeout=5).close()
                break
            except OSError:
                time.sleep(0.05)
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{self.query}"

    def workers(self) -> list[int]:
        """Process numbers of the processes in which worlds are lived."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.communicate()

    def stop(self) -> None:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    found = Server(tmp_path_factory.mktemp("serve")).start()
    yield found
    found.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "these tests drive Chromium, which is not there: install it (Debian: apt install chromium)"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, env={**os.environ})
        yield found
        found.close()
