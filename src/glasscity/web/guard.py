"""Who may come in: hosts and origins that are ours, a token where the page is open to a classroom, and headers that bind the browser."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glasscity.rules.language import LANGUAGES
from glasscity.web.problems import tell

TEACHER, PUPIL = "teacher", "pupil"
COOKIE = "glasscity"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
}  # fmt: skip
REFUSED = 403


@dataclass(frozen=True)
class Visitor:
    """A browser: a number drawn for it, and what it may do."""

    id: str
    role: str


@dataclass(frozen=True)
class Door:
    """What is let in. `tokens`: role by token; empty where only this machine can reach the page."""

    hosts: frozenset[str]
    tokens: dict[str, str]

    @classmethod
    def closed(cls) -> Door:
        """For this machine alone."""
        return cls(frozenset({"localhost", "127.0.0.1", "[::1]"}), {})

    @classmethod
    def of_class(cls, hosts: Collection[str]) -> Door:
        """For a classroom: one token for the teacher, another for everybody."""
        inside = cls.closed().hosts
        return cls(inside | frozenset(hosts), {secrets.token_urlsafe(16): TEACHER, secrets.token_urlsafe(6): PUPIL})

    def token(self, role: str) -> str:
        """The token of a role; empty where there is none."""
        return next((token for token, other in self.tokens.items() if other == role), "")

    def role_of(self, token: str) -> str | None:
        """The role that a token opens the door to."""
        if not self.tokens:
            return TEACHER
        return next((role for known, role in self.tokens.items() if hmac.compare_digest(known.encode(), token.encode())), None)


def host_of(netloc: str) -> str:
    """A host without its port, in lower case."""
    try:
        host = urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""
    return f"[{host}]" if ":" in host else host


class Guard:
    """Middleware: looks at whoever comes, before anything else does."""

    def __init__(self, app: ASGIApp, door: Door):
        self.app, self.door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if told := self.wrong(scope, headers):
            await self.refuse(scope, receive, send, told)
            return
        visitor_id, token = cookie_of(headers)
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        if self.door.tokens and given and scope["type"] == "http" and self.door.role_of(given):
            answer = RedirectResponse(without_token(scope), 303)
            answer.set_cookie(COOKIE, f"{visitor_id or secrets.token_hex(8)}.{given}", httponly=True, samesite="strict", path="/")
            await answer(scope, receive, with_headers(send))
            return
        role = self.door.role_of(token)
        if role is None:
            await self.refuse(scope, receive, send, "this page is open to a class: use the address with its token, as the teacher shows it")
            return
        is_new = not visitor_id
        visitor_id = visitor_id or secrets.token_hex(8)
        scope["visitor"] = Visitor(visitor_id, role)
        cookie = f"{COOKIE}={visitor_id}.{token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000" if is_new else ""
        await self.app(scope, receive, with_headers(send, cookie))

    def wrong(self, scope: Scope, headers: Headers) -> str:
        """What is wrong with where somebody comes from; nothing if nothing is."""
        host = headers.get("host", "")
        if host_of(host) not in self.door.hosts:
            return "this host name is not the page's"
        origin = headers.get("origin")
        is_change = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
        if is_change and (origin is None or urlsplit(origin).netloc.lower() != host.lower()):
            return "this comes from another page"
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none") and is_change:
            return "this comes from another page"
        return ""

    async def refuse(self, scope: Scope, receive: Receive, send: Send, told: str) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": told})
            return
        await PlainTextResponse(tell(told, preferred(Headers(scope=scope))), REFUSED)(scope, receive, with_headers(send))


def preferred(headers: Headers) -> str:
    """The browser's own language: whoever is refused has no page on which to choose one."""
    wanted = [part.strip()[:2].lower() for part in headers.get("accept-language", "").split(",")]
    return next((lang for lang in wanted if lang in LANGUAGES), LANGUAGES[0])


def cookie_of(headers: Headers) -> tuple[str, str]:
    """The visitor's number and token, as the browser has kept them."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return "", ""
    number, _, token = (morsel.value if morsel else "").partition(".")
    is_number = len(number) == 16 and all(letter in "0123456789abcdef" for letter in number)
    return (number, token) if is_number else ("", "")


def without_token(scope: Scope) -> str:
    """The path that was asked for, with the token taken out so that it stays in no history."""
    kept = [(k, v) for k, values in parse_qs(scope["query_string"].decode("latin-1")).items() if k != "token" for v in values]
    path = "/" + scope["path"].lstrip("/")
    return path + (f"?{urlencode(kept)}" if kept else "")


def with_headers(send: Send, cookie: str = "") -> Send:
    """Puts the headers on whatever is answered; a route's own come first."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if cookie:
                headers.append("Set-Cookie", cookie)
        await send(message)

    return sending
