"""The web: the API under /api/v1, the pages, and what guards them."""

from unikat.edge.web.app import create_app
from unikat.edge.web.settings import WebSettings

__all__ = ["WebSettings", "create_app"]
