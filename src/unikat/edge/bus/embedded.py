"""A broker inside the server's process, for sites of a few machines: amqtt on a thread of its own.

Its sessions live in memory and end with the process. What equipment says to the site is recorded
before it is acknowledged (`patient.py`), so a kill loses nothing of it.
"""

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Final

from unikat.edge.bus.broker import Broker
from unikat.edge.bus.mqtt import SESSION_S, MqttClient
from unikat.errors import UnikatError

if TYPE_CHECKING:
    from unikat.edge.bus.patient import PatientBroker

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
SIGN_IN: Final = "unikat.edge.bus.sign_in.SignIn"


class BrokerFailed(UnikatError):
    """The embedded broker cannot be started."""

    title = "No broker"
    status = 503


class EmbeddedBroker:
    """A broker that listens where its address says, from `start` to `stop`.

    Parameters
    ----------
    site
        The site's own client: what comes on its topics goes to it without a subscription, and is
        acknowledged when it has been handled. It is stopped before this broker.
    """

    def __init__(self, broker: Broker, site: MqttClient) -> None:
        if broker.user is None and broker.host not in LOOPBACK:
            raise BrokerFailed(
                f"an embedded broker on {broker.host} would let everybody in; write"
                " embedded://USER:PASSWORD@HOST:PORT"
            )
        self._broker, self._site = broker, site
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)
        self._amqtt: PatientBroker | None = None

    def start(self) -> None:
        """Listen.

        Raises
        ------
        BrokerFailed
            If amqtt is not installed or another than we know, or the address cannot be listened on.
        """
        logging.getLogger("amqtt").setLevel(logging.CRITICAL)  # the client below says it in words
        logging.getLogger("transitions").setLevel(logging.ERROR)
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        except ImportError as error:
            self.stop()
            raise BrokerFailed(
                "the embedded broker needs amqtt: pip install 'unikat[embedded]'"
            ) from error
        except BrokerFailed:
            self.stop()
            raise
        except Exception as error:
            self.stop()
            raise BrokerFailed(
                f"{self._broker.host}:{self._broker.port}: {error}; take another port"
            ) from error

    def stop(self) -> None:
        """Let all clients go."""
        if self._amqtt is not None:
            asyncio.run_coroutine_threadsafe(self._amqtt.shutdown(), self._loop).result()
            self._amqtt = None
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self) -> None:
        from unikat.edge.bus.patient import PatientBroker, missing

        if absent := missing():
            raise BrokerFailed(
                f"this amqtt has no {', '.join(absent)}, so it would acknowledge what is not"
                " recorded yet; pip install 'amqtt>=0.12,<0.13', or run a broker of its own"
            )
        broker = self._broker
        sign_in = {"user": broker.user or "", "password": broker.password or ""}
        found = PatientBroker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"{broker.host}:{broker.port}"}},
                "plugins": {SIGN_IN: sign_in},
                "session_expiry_interval": SESSION_S,
            },
            self._site,
        )
        await found.start()
        self._amqtt = found

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
