"""A bus inside one process: every message reaches every listener, in sequence."""

import logging
from collections import deque
from collections.abc import Callable
from threading import Lock

from unikat.events import Message

_log = logging.getLogger(__name__)

Listener = Callable[[Message], None]


class InProcessBus:
    """Topics with listeners.

    Listeners are called on a publisher's thread. A message published while another is being
    delivered waits its turn, so all listeners see one sequence; the thread that is already at it
    delivers it. A listener that raises is logged and costs nobody else a message.
    """

    def __init__(self) -> None:
        self._listeners: dict[str, tuple[Listener, ...]] = {}
        self._waiting: deque[tuple[str, tuple[Listener, ...], Message]] = deque()
        self._lock = Lock()
        self._is_delivering = False

    def publish(self, topic: str, message: Message) -> None:
        """Send a message to all who have subscribed to the topic by now."""
        with self._lock:
            self._waiting.append((topic, self._listeners.get(topic, ()), message))
            if self._is_delivering:
                return
            self._is_delivering = True
        self._deliver_all()

    def subscribe(self, topic: str, listener: Listener) -> None:
        """Call `listener` for every message of a topic from now on, in sequence."""
        with self._lock:
            self._listeners[topic] = (*self._listeners.get(topic, ()), listener)

    def _deliver_all(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._is_delivering = False
                    return
                topic, listeners, message = self._waiting.popleft()
            for listener in listeners:
                _deliver(listener, topic, message)


def _deliver(listener: Listener, topic: str, message: Message) -> None:
    try:
        listener(message)
    except Exception:
        _log.exception("a listener of topic %s failed on message %s", topic, message.id)
