"""Opening the page: on this machine, or to a class."""

from __future__ import annotations

import socket
import sys
import webbrowser
from pathlib import Path

from glasscity.errors import InputError
from glasscity.jobs.machine import all_threads
from glasscity.store.folder import RunFolder
from glasscity.web.app import WORLDS, build
from glasscity.web.guard import PUPIL, TEACHER, Door
from glasscity.web.messages import MOST_BYTES

LOOPBACK = "127.0.0.1"


def serve(folder: Path, port: int, is_class: bool, host: str | None, is_opened: bool) -> None:
    """Serve the page until Ctrl-C. InputError if the port cannot be had or a host is named without a class, FolderBusy if another server has the folder."""
    import uvicorn

    if host and not is_class:
        raise InputError(f"--host: host: found {ascii(host)[:80]}; allowed: a name or address together with --class")
    name = host or (own_address() if is_class else LOOPBACK)
    sock = bound("0.0.0.0" if is_class else LOOPBACK, port)  # noqa: S104  only where somebody asked for a class
    port = sock.getsockname()[1]
    door = Door.of_class({name, socket.gethostname().lower()}) if is_class else Door.closed()
    ours = f"http://{LOOPBACK}:{port}/" + (f"?token={door.token(TEACHER)}" if is_class else "")
    theirs = f"http://{name}:{port}/?token={door.token(PUPIL)}" if is_class else ""
    processes, threads = (all_threads(), 1) if is_class else (1, all_threads())
    app = build(folder, door, processes, threads, theirs, qr_of(theirs) if is_class else "")
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, ws="websockets-sansio", ws_max_size=MOST_BYTES + 1024, ws_per_message_deflate=False,
        ws_ping_interval=20, limit_concurrency=400, timeout_graceful_shutdown=2, server_header=False,
    )  # fmt: skip
    with RunFolder(folder / WORLDS).claim():
        tell(ours, theirs, folder)
        if is_opened:
            webbrowser.open(ours)
        uvicorn.Server(config).run(sockets=[sock])


def bound(host: str, port: int) -> socket.socket:
    """A socket on a port; InputError if another program has it."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise InputError(f"port {port} cannot be had ({error.strerror}); name another: --port {port + 1}") from None
    except OverflowError:
        sock.close()
        raise InputError(f"--port: found {port}; allowed: 0 to 65535 (0: any that is free)") from None
    return sock


def own_address() -> str:
    """The address under which others on the local network reach this machine; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))  # an address kept for documentation: no packet leaves for it
            return str(sock.getsockname()[0])
        except OSError:
            return LOOPBACK


def qr_of(address: str) -> str:
    """An address as a QR code, SVG, as large as the place where it stands."""
    import segno

    return str(segno.make(address, error="m").svg_inline(omitsize=True, border=2, dark="#000", light="#fff"))


def tell(ours: str, theirs: str, folder: Path) -> None:
    """Say where the page is."""
    print(f"\n  Glass City is open at  {ours}\n  worlds and runs are kept in {folder}; Ctrl-C closes it", flush=True)
    if theirs:
        import segno

        print(f"\n  for the class:\n\n      {theirs}\n", flush=True)
        segno.make(theirs, error="m").terminal(compact=True)
    print("  Every citizen is synthetic. Nothing about a real person can be put in.\n", flush=True)
