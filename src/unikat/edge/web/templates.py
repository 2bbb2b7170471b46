"""Pages from templates: what each may say of money and time, and problems as a page."""

from datetime import datetime
from pathlib import Path

import jinja2
from starlette.responses import Response

from unikat.edge.web.files import Files
from unikat.edge.web.problems import DETAILS, TITLES
from unikat.edge.web.settings import WebSettings
from unikat.errors import UnikatError
from unikat.site import Site

PAGES = Path(__file__).parent / "pages"
SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


class Templates:
    """The templates of this package, and what all of them are told."""

    def __init__(self, site: Site, settings: WebSettings, files: Files) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(PAGES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        sign = SIGNS.get(site.policy.currency, site.policy.currency + " ")
        self._environment.filters.update(
            money=lambda cents: f"{'−' if cents < 0 else ''}{sign}{abs(cents) / 100:,.2f}",
            day=lambda text: _moment(text).strftime("%a %-d %b %Y"),
            moment=lambda text: _moment(text).strftime("%a %-d %b, %H:%M"),
        )
        self._environment.globals.update(
            address=files.address,
            import_map=files.import_map,
            root_path=settings.root_path,
            site_name=site.policy.name,
            currency=site.policy.currency,
            zone=str(settings.zone),
        )

    def page(self, name: str, status: int = 200, *, current: str = "", **words: object) -> Response:
        """Return a page; `current` names its place in the menu, `words` are the template's."""
        content = self._environment.get_template(f"{name}.html").render(current=current, **words)
        headers = {"Cache-Control": "no-store"}
        return Response(content, status, headers, "text/html")

    def problem(self, error: UnikatError) -> Response:
        """Return an error as a page."""
        return self.page("problem", error.status, title=error.title, detail=str(error))

    def broken(self) -> Response:
        """Return the page of a fault of ours."""
        return self.page("problem", 500, title=TITLES[500], detail=DETAILS[500])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
