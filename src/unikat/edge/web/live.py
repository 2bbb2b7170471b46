"""The live stream: one delta for all clients, encoded once, over server-sent events.

A client that reconnects says which seq it has seen: it gets the deltas after it from the ring, or
one made anew from the event log; if it is too far behind, or its queue ran over, it is told to load
everything again.
"""

import asyncio
import traceback
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
import structlog
from starlette.concurrency import run_in_threadpool

from unikat.edge.web.floor_view import FloorChange, FloorReply, change_of, view_floor, whole_of
from unikat.edge.web.wording import TickerReply, reply_ticker
from unikat.events import (
    ForecastMade,
    LoadMoved,
    OrderCancelled,
    OrderDelivered,
    OrderPlaced,
    OrderReleased,
    PartScrapped,
    Recorded,
    ReworkOrdered,
    SchedulePublished,
    SetupStarted,
    StepFinished,
    StepStarted,
)

if TYPE_CHECKING:
    from unikat.edge.web.call import Web

QUEUE = 64
RING = 1_000
MOST_BEHIND = 2_000
RESYNC = b"event: resync\ndata: {}\n\n"
HEARTBEAT = b": still here\n\n"
FIRST = b"retry: 2000\n\n"
_OF_ORDERS = (
    OrderPlaced,
    OrderReleased,
    OrderDelivered,
    OrderCancelled,
    StepStarted,
    StepFinished,
    SetupStarted,
    PartScrapped,
    ReworkOrdered,
    LoadMoved,
)


class Delta(msgspec.Struct, frozen=True):
    """What changed after `since` up to `seq`: events in words, the floor, the orders touched."""

    since: int
    seq: int
    now: str
    events: tuple[TickerReply, ...]
    floor: FloorChange
    totals: Mapping[str, int]
    orders: tuple[str, ...]
    is_replanned: bool


class Broadcast:
    """Looks at the site a few times a second and sends what changed to every client."""

    def __init__(self, hz: float, heartbeat_s: float) -> None:
        self._pause = 1.0 / hz
        self._heartbeat_s = heartbeat_s
        self._clients: set[asyncio.Queue[bytes]] = set()
        self._ring: deque[tuple[int, int, bytes]] = deque(maxlen=RING)
        self._shown: FloorReply | None = None
        self._is_open = True

    @property
    def num_clients(self) -> int:
        """How many clients listen now."""
        return len(self._clients)

    async def run(self, web: "Web") -> None:
        """Send changes until cancelled; a fault is logged and the next look tries again."""
        while True:
            await asyncio.sleep(self._pause)
            try:
                await self.look(web)
            except Exception:
                structlog.get_logger().error("live_failed", fault=traceback.format_exc())

    async def look(self, web: "Web") -> None:
        """Send what changed since the last look, if anything did."""
        before = self._shown
        if before is not None and web.site.state().seq == before.seq:
            return
        frame, after = await run_in_threadpool(_next_frame, web, before)
        self._shown = after
        if before is None or frame is None:
            return
        self._ring.append((before.seq, after.seq, frame))
        for client in tuple(self._clients):
            offer(client, frame)

    async def listen(self, web: "Web", after: int) -> AsyncIterator[bytes]:
        """Iterate over the frames for one client that has seen everything up to `after`."""
        queue: asyncio.Queue[bytes] = asyncio.Queue(QUEUE)
        self._clients.add(queue)
        try:
            yield FIRST
            for frame in await self.backlog(web, after):
                yield frame
            while self._is_open:
                try:
                    yield await asyncio.wait_for(queue.get(), self._heartbeat_s)
                except TimeoutError:
                    yield HEARTBEAT
        finally:
            self._clients.discard(queue)

    async def backlog(self, web: "Web", after: int) -> list[bytes]:
        """Return the frames that bring a client from `after` to what was last sent."""
        last = self._shown.seq if self._shown is not None else web.site.state().seq
        if after == last:
            return []
        missed = [(since, frame) for since, seq, frame in self._ring if seq > after]
        if missed and missed[0][0] <= after:
            return [frame for _, frame in missed]
        if 0 <= after < last and last - after <= MOST_BEHIND:
            return [await run_in_threadpool(_whole_frame, web, after)]
        return [RESYNC]

    def close(self) -> None:
        """Let every client go, so that the server can stop."""
        self._is_open = False
        for client in tuple(self._clients):
            offer(client, b": the server stops\n\n")


def offer(client: "asyncio.Queue[bytes]", frame: bytes) -> None:
    """Queue a frame for a client; one that has fallen a whole queue behind is told to load anew."""
    try:
        client.put_nowait(frame)
    except asyncio.QueueFull:
        with suppress(asyncio.QueueEmpty):
            while True:
                client.get_nowait()
        client.put_nowait(RESYNC)


def _next_frame(web: "Web", before: FloorReply | None) -> tuple[bytes | None, FloorReply]:
    after = view_floor(web)
    if before is None:
        return None, after
    records = tuple(web.site.log.read(after=before.seq, limit=after.seq - before.seq))
    return _encode(web, before.seq, after, records, change_of(before, after)), after


def _whole_frame(web: "Web", since: int) -> bytes:
    floor = view_floor(web)
    records = tuple(web.site.log.read(after=since, limit=floor.seq - since))
    return _encode(web, since, floor, records, whole_of(floor))


def _encode(
    web: "Web",
    since: int,
    floor: FloorReply,
    records: tuple[Recorded, ...],
    change: FloorChange,
) -> bytes:
    """Return one frame; its id is the seq a client has seen after it."""
    touched = (r.event.order_id for r in records if isinstance(r.event, _OF_ORDERS))
    delta = Delta(
        since=since,
        seq=floor.seq,
        now=floor.now,
        events=tuple(reply_ticker(web, record) for record in records),
        floor=change,
        totals=floor.totals,
        orders=tuple(dict.fromkeys(touched)),
        is_replanned=any(isinstance(r.event, SchedulePublished | ForecastMade) for r in records),
    )
    return b"id: %d\nevent: delta\ndata: %s\n\n" % (floor.seq, msgspec.json.encode(delta))
