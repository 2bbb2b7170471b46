"""Run the web server of an open site until it is stopped."""

import signal
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress

import typer
import uvicorn

from unikat.edge.live import ShopThread
from unikat.edge.main import OpenSite, read_persons
from unikat.edge.web.app import create_app
from unikat.edge.web.settings import Example, WebSettings, example_measures
from unikat.errors import InvalidSite, UnikatError


class PortTaken(UnikatError):
    """The address cannot be listened on."""

    title = "Address not free"
    status = 503


def run_server(
    opened: OpenSite,
    shop: ShopThread,
    *,
    host: str,
    port: int,
    announce: Callable[[str], None] = typer.echo,
    wait: Callable[[], AbstractContextManager[object]] | None = None,
) -> None:
    """Serve the pages and the API, and turn the shop, until interrupted or terminated; then close
    the site. To be called in the main thread.

    Parameters
    ----------
    announce
        Called with the address once it is listened on.
    wait
        Begins this process's turn to serve when that of another ends; all is loaded before it.

    Raises
    ------
    PortTaken
        If the address cannot be listened on.
    """
    listener = None if wait else _listen(host, port)
    file = opened.models.file
    settings = WebSettings(epoch=file.epoch, zone=file.zone, examples=_examples(opened))
    config = uvicorn.Config(
        create_app(opened.site, opened.store, settings, shop),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,  # live streams never end by themselves
    )
    with nullcontext() if wait is None else wait():
        listener = listener or _listen(host, port)
        # Uvicorn raises again what ended it: a service that is stopped writes its quotes behind.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with suppress(KeyboardInterrupt):
                shop.start()
                announce(f"http://{host}:{listener.getsockname()[1]}/")
                uvicorn.Server(config).run(sockets=[listener])
        finally:
            shop.stop()
            opened.close()


def _examples(opened: OpenSite) -> tuple[Example, ...]:
    """Return the persons of the demo as examples to try, if the site has them."""
    try:
        persons = read_persons(opened.folder / opened.models.file.demo.persons)
    except InvalidSite:
        return ()
    return example_measures(opened.site.family, persons)


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # asyncio forgets it for sockets it did not make itself: 40 ms on every answer of two packets.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"{host}:{port}: {error.strerror}; take another --port or --host"
        ) from error
    listener.listen(512)
    return listener
