"""A live server of the page, in a process of its own."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Server:
    """`glasscity serve` over a folder."""

    folder: Path
    options: tuple[str, ...] = ()
    port: int = 0
    query: str = ""
    process: subprocess.Popen[str] | None = field(default=None, repr=False)
    log: Path = field(default=Path(), repr=False)

    def start(self) -> Server:
        """Begin, on the port it had before if it was begun before."""
        line = [sys.executable, "-u", "-m", "glasscity", "serve", "--dir", str(self.folder), "--port", str(self.port), *self.options]
        self.log = self.folder.with_suffix(".log")
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(line, stdout=log, stderr=subprocess.STDOUT, text=True)
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)/(\S*)", self.said)) or not self.said.endswith("\n\n"):
            assert self.process.poll() is None, f"the server did not begin:\n{self.said}"
            time.sleep(0.05)
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
    def said(self) -> str:
        """All that the server has printed."""
        return self.log.read_text() if self.log.exists() else ""

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
