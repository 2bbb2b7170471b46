"""Run the web server of an open site until it is stopped."""

import socket
from collections.abc import Callable

import typer
import uvicorn

from unikat.edge.live import ShopThread
from unikat.edge.main import OpenSite
from unikat.edge.web.app import create_app
from unikat.edge.web.settings import WebSettings
from unikat.errors import UnikatError


class PortTaken(UnikatError):
    """The address cannot be listened on."""

    title = "Port taken"
    status = 503


def run_server(
    opened: OpenSite,
    shop: ShopThread,
    *,
    host: str,
    port: int,
    announce: Callable[[str], None] = typer.echo,
) -> None:
    """Serve the pages and the API, and turn the shop, until interrupted; then close the site.

    Parameters
    ----------
    announce
        Called with the address once it is listened on.

    Raises
    ------
    PortTaken
        If the address cannot be listened on.
    """
    listener = _listen(host, port)
    settings = WebSettings(epoch=opened.models.file.epoch, zone=opened.models.file.zone)
    config = uvicorn.Config(
        create_app(opened.site, opened.store, settings), log_level="warning", access_log=False
    )
    shop.start()
    announce(f"http://{host}:{listener.getsockname()[1]}/")
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        shop.stop()
        opened.close()


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(f"{host}:{port}: {error.strerror}; take another --port") from error
    listener.listen(512)
    return listener
