"""Take the picture of the README: the four pages of a running demo, `docs/img/pages.png`.

`python3 run.py screenshots [--seconds S] [--folder DIR]`: the demo starts in a temporary folder,
runs S seconds, an order is placed as a shopper would, and each page is photographed into DIR.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURE = Path(__file__).parent / "img/pages.png"
PAGES = ("shop", "order", "planner", "floor")
SIZE = {"width": 1280, "height": 860}
SOFTWARE_GL = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader"]
SHEET = """<style>
  body {{ margin: 0; padding: 16px; display: grid; grid-template-columns: 1fr 1fr; gap: 16px;
         background: #dfe5e4; width: 1568px }}
  img {{ width: 100%; border-radius: 8px; display: block }}
</style>{}"""


def main() -> None:
    """Run the demo, photograph its pages, and lay the four pictures on one sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="let the demo run first")
    parser.add_argument("--folder", type=Path, help="keep the single pictures here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work, demo(Path(work)) as (address, key):
        folder = options.folder or Path(work)
        folder.mkdir(parents=True, exist_ok=True)
        time.sleep(options.seconds)
        with sync_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("chromium-browser")
            browser = playwright.chromium.launch(
                executable_path=chromium or shutil.which("google-chrome"),
                args=[*SOFTWARE_GL, "--enable-unsafe-swiftshader"],
            )
            page = browser.new_page(viewport=SIZE)
            photograph(page, address, key, folder)
            PICTURE.parent.mkdir(exist_ok=True)
            lay_out(page, folder)
            browser.close()
    print(PICTURE)


@contextmanager
def demo(work: Path) -> Iterator[tuple[str, str]]:
    """Run the demo on a free port; yield its address and its key."""
    command = [sys.executable, "-u", "-m", "unikat.edge.cli", "demo", "--port", "0"]
    with subprocess.Popen(command, cwd=work, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield announced(running, "Shop:"), announced(running, "Key for planner and floor:")
        finally:
            running.terminate()


def announced(running: "subprocess.Popen[str]", label: str) -> str:
    """Read the demo's output up to the line with this label; return what follows the label."""
    for line in running.stdout or ():
        if line.startswith(label):
            return line.removeprefix(label).strip()
    raise SystemExit(f"the demo ended before it said {label!r}")


def photograph(page: Page, address: str, key: str, folder: Path) -> None:
    """Order as a shopper, then look in as a planner."""

    def take(name: str) -> None:
        page.locator("body[data-ready]").wait_for()
        page.wait_for_timeout(4000)
        page.screenshot(path=folder / f"{name}.png")

    page.goto(address)
    for measure in page.locator("[data-measure]").all():
        low, high = (float(measure.get_attribute(bound) or 0) for bound in ("min", "max"))
        measure.fill(f"{(low + high) / 2:.0f}")
    page.locator("#order-button[aria-disabled=false]").wait_for()
    take("shop")
    page.locator("#customer").fill("Anna")
    page.locator("#order-button").click()
    page.wait_for_url("**/orders/**")
    take("order")
    page.goto(f"{address}planner")
    page.locator("#key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/planner")
    take("planner")
    page.goto(f"{address}floor")
    take("floor")


def lay_out(page: Page, folder: Path) -> None:
    """Put the four pictures on one sheet, two by two."""
    sheet = folder / "sheet.html"
    sheet.write_text(SHEET.format("".join(f'<img src="{name}.png">' for name in PAGES)))
    page.set_viewport_size({"width": 1600, "height": 1100})
    page.goto(sheet.as_uri())
    page.screenshot(path=PICTURE, full_page=True)
    sheet.unlink()


if __name__ == "__main__":
    main()
