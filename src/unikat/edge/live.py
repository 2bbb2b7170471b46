"""The shop of a running server: the thread that turns it, with a virtual floor in a demo."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from unikat.demand.shoppers import Shopper
from unikat.edge.bus.in_process import InProcessBus
from unikat.edge.bus.remote_floor import RemoteFloor
from unikat.errors import NoVirtualFloor, UnikatError
from unikat.events import Message
from unikat.floor.model import Dispatch
from unikat.floor.virtual import VirtualFloor
from unikat.flow import record, settle
from unikat.ports import Bus
from unikat.rehearse import visit
from unikat.shop import operate
from unikat.site import Site
from unikat.terms import Instant, Seconds, UnitId

TURN_S = 0.25
"""Real seconds between two turns of the shop."""
SOLVE_S = 1.0
"""Real seconds a new schedule may take."""
FLOOR = "floor"
"""The topic of what the floor says."""
logger = structlog.get_logger()


@dataclass(slots=True)
class ShopThread:
    """Turns the shop until stopped; a fault is logged and the next turn tries again.

    What the floor says comes over the `bus` and is kept until it is recorded. With a `floor` it
    also plays the plant; with a `remote` one the commands go to its broker, and what equipment says
    there is recorded as it comes. With `shoppers` it lets them visit when their time comes.
    """

    site: Site
    floor: VirtualFloor | None = None
    shoppers: Iterator[Shopper] = field(default_factory=lambda: iter(()))
    bus: Bus = field(default_factory=InProcessBus)
    remote: RemoteFloor | None = None
    solve_s: float = SOLVE_S
    _inbox: deque[Message] = field(default_factory=deque)
    _floor_lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _next: Shopper | None = None
    _told: tuple[Instant, str] = (0, "")

    def __post_init__(self) -> None:
        self._next = next(self.shoppers, None)
        self.bus.subscribe(FLOOR, self._inbox.append)

    def start(self) -> None:
        """Deliver what a crash left behind, and begin to turn."""
        settle(self.site)
        if self.remote is not None:
            self.remote.start()
        self._thread = threading.Thread(target=self._run, name="shop", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the present turn."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=30)
        if self.remote is not None:
            self.remote.stop()

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self.turn()
            except UnikatError as error:
                logger.warning("turn_failed", fault=str(error), kind=error.title)
            except Exception:
                logger.exception("turn_failed")
            self._stop.wait(max(0.01, TURN_S - (time.monotonic() - began)))

    def turn(self) -> None:
        """Let due shoppers visit, record what the floor says, run the shop, tell the floor."""
        now = self.site.clock.now()
        while self._next is not None and self._next.at <= now:
            shopper, self._next = self._next, next(self.shoppers, None)
            visit(self.site, shopper)  # after she is taken off: a fault must not bring her again
        if self.floor is not None:
            with self._floor_now():
                pass
        self._record_inbox()
        commands = operate(self.site, seconds=self.solve_s, on_fault=_log_fault)
        floor = self.remote or self.floor
        if floor is not None:
            with self._floor_lock:
                for command in (*commands, *self._published()):
                    floor.obey(command)
        if self.remote is not None:
            self.remote.keep_up()

    @property
    def is_virtual(self) -> bool:
        """Whether the floor is played here, so that its units may be broken."""
        return self.floor is not None

    def break_down(self, unit: UnitId, length: Seconds | None) -> Instant:
        """Let a unit of the virtual floor break down now; return when it is expected back.

        Without `length` it is down until it is mended.

        Its stop is told over the bus, as by any machine, and recorded in the next turn.

        Raises
        ------
        NoVirtualFloor, UnknownUnit, WrongUnitState
            If the plant is real, has no such unit, or the unit is down already.
        """
        with self._floor_now() as floor:
            until = None if length is None else self.site.clock.now() + length
            return floor.break_down(unit, until)

    def mend(self, unit: UnitId) -> None:
        """Let a unit of the virtual floor that is down go on now.

        Raises
        ------
        NoVirtualFloor, UnknownUnit, WrongUnitState
            If the plant is real, has no such unit, or the unit is not down.
        """
        with self._floor_now() as floor:
            floor.mend(unit)

    @contextmanager
    def _floor_now(self) -> Iterator[VirtualFloor]:
        """Yield the virtual floor at the present instant, to nobody else meanwhile; what it has
        said goes over the bus.
        """
        if self.floor is None:
            raise NoVirtualFloor(
                "the machines of this site are not played here; one that really breaks down says so"
                " over the bus or POST /api/v1/events, a planned stop is POST /api/v1/stops"
            )
        with self._floor_lock:
            for message in self.floor.advance(self.site.clock.now()):
                self.bus.publish(FLOOR, message)
            yield self.floor

    def _published(self) -> tuple[Dispatch, ...]:
        """Return what others published since the last turn: a planner, or an order in a hurry."""
        state = self.site.state()
        published = (state.published_at, state.published_cause)
        if published == self._told:
            return ()
        self._told = published
        return (Dispatch(tuple(state.bookings.values())),)

    def _record_inbox(self) -> None:
        """Record what came over the bus; it leaves the inbox when it is durable."""
        with self._floor_lock:
            messages = tuple(self._inbox)
        if messages:
            record(self.site, messages)
        for _ in messages:
            self._inbox.popleft()


def _log_fault(fault: UnikatError) -> None:
    logger.error("schedule_refused", fault=str(fault))
