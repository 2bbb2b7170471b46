"""How often one address may ask, and how much it may send."""

import zlib

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import Request

from unikat.edge.web.problems import BadRequest, BodyTooLarge, TooManyRequests, WrongMediaType

DRAIN = 32_000_000


class RateLimits:
    """Counts requests by kind and address, in this process."""

    def __init__(self, per_minute: dict[str, int]) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._items = {kind: RateLimitItemPerMinute(most) for kind, most in per_minute.items()}

    def check(self, kind: str, address: str) -> None:
        """Count one request of a kind.

        Raises
        ------
        TooManyRequests
            The address has asked too often within the last minute.
        """
        item = self._items[kind]
        if not self._limiter.hit(item, kind, address):
            raise TooManyRequests(
                f"{address} may send {item.amount} {kind} requests a minute; wait a minute"
            )


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body, counted while it streams in: Content-Length may lie.

    Of a body that is too large the rest is read and thrown away up to 32 MB, so that a client that
    sends before it listens still sees our answer instead of a reset connection.

    Raises
    ------
    BodyTooLarge
        The body is longer than `limit` bytes.
    """
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        elif size > DRAIN:
            break
    if size > limit:
        raise BodyTooLarge(f"the body has more than the {limit} bytes allowed; send less at once")
    return b"".join(chunks)


def unpack_body(body: bytes, encoding: str, limit: int) -> bytes:
    """Return a body as it was before its Content-Encoding; gzip is the only one read.

    Raises
    ------
    WrongMediaType
        If it is encoded otherwise.
    BadRequest
        If it is no gzip, or ends early.
    BodyTooLarge
        If it unpacks to more than `limit` bytes.
    """
    if encoding.lower() in ("", "identity"):
        return body
    if encoding.lower() not in ("gzip", "x-gzip"):
        raise WrongMediaType(f"Content-Encoding {encoding[:40]!r} is not read here; send gzip")
    unpacked = bytearray()
    while body:
        member = zlib.decompressobj(wbits=31)  # 31: gzip with its head, 32 kB window
        try:
            unpacked += member.decompress(body, limit + 1 - len(unpacked))
        except zlib.error as error:
            raise BadRequest(f"the body is no gzip: {error}") from error
        if len(unpacked) > limit:
            raise BodyTooLarge(f"the body unpacks to more than {limit} bytes; send less at once")
        if not member.eof:
            raise BadRequest("the gzip ends early; send all of it")
        body = member.unused_data
    return bytes(unpacked)
