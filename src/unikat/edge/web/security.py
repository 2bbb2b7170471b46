"""Who calls, from where, and what a page may load."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from unikat.edge.web.problems import NotAllowed
from unikat.edge.web.scopes import NOBODY, Caller
from unikat.edge.web.settings import WebSettings

if TYPE_CHECKING:
    from unikat.edge.web.call import Web

COOKIE = "unikat_login"


class Login(msgspec.Struct, frozen=True):
    """What the login cookie says, signed: the hash of the key signed in with, and until when (Unix
    seconds).

    The key is looked up at each call, so a revoked key ends its logins.
    """

    key: str
    until: int


def caller_of(request: Request, web: "Web") -> Caller:
    """Return who calls: by the key sent, else by the login cookie, else nobody."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return caller_of_key(secret.strip(), web)
    login = read_login(request.cookies.get(COOKIE, ""), web.settings.secret, now=int(time.time()))
    key = next((key for key in web.store.keys.list() if login and key.sha256 == login.key), None)
    return NOBODY if key is None else Caller(key.name, key.scopes)


def caller_of_key(secret: str, web: "Web") -> Caller:
    """Return whom a key belongs to; nobody if there is no such key."""
    key = web.store.keys.find_key(secret)
    return NOBODY if key is None else Caller(key.name, key.scopes)


def write_login(login: Login, secret: bytes) -> str:
    """Return a login as the text of a cookie: content, dot, HMAC-SHA-256."""
    content = base64.urlsafe_b64encode(msgspec.json.encode(login)).decode()
    return f"{content}.{_sign(content, secret)}"


def read_login(cookie: str, secret: bytes, *, now: int) -> Login | None:
    """Return the login of a cookie we signed that has not run out, else None."""
    content, _, signature = cookie.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _sign(content, secret).encode()):
        return None
    try:
        login = msgspec.json.decode(base64.urlsafe_b64decode(content), type=Login)
    except (binascii.Error, msgspec.DecodeError):
        return None
    return login if login.until > now else None


def check_origin(request: Request, settings: WebSettings) -> None:
    """Refuse a changing call that a browser sends for a page of somebody else.

    Raises
    ------
    NotAllowed
        The origin is neither ours nor one of the shop's.
    """
    origin = request.headers.get("origin")
    if origin is not None and origin not in settings.shop_origins:
        if urlsplit(origin).netloc != request.headers.get("host"):
            raise NotAllowed(f"calls from {origin[:80]} are not accepted; use the site's own pages")
    elif origin is None and request.headers.get("sec-fetch-site", "none") not in (
        "none",
        "same-origin",
    ):
        raise NotAllowed("calls from pages of other sites are not accepted; use the site's own")


def csp(import_map: str, settings: WebSettings) -> str:
    """Return the content security policy: our own files, and the one import map by its hash."""
    digest = base64.b64encode(hashlib.sha256(import_map.encode()).digest()).decode()
    frames = " ".join(("'self'", *settings.shop_origins))
    return (
        f"default-src 'self'; script-src 'self' 'sha256-{digest}'; style-src 'self'; "
        "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {frames}"
    )


class SecurityHeaders:
    """Adds to every answer the headers that keep a browser from guessing, leaking and framing."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the headers to its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def security_headers(import_map: str, settings: WebSettings) -> dict[str, str]:
    """Return the headers every answer carries."""
    return {
        "Content-Security-Policy": csp(import_map, settings),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def _sign(content: str, secret: bytes) -> str:
    return hmac.new(secret, content.encode(), hashlib.sha256).hexdigest()
