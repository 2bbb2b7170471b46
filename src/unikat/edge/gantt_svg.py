"""Draw a Gantt picture as SVG: a row a unit, a colour a job, what it is under the pointer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, ROW, LEFT, TOP = 1200, 22, 70, 46
NUM_TICKS = 10
GOLDEN_ANGLE = 137.508  # neighbouring jobs get colours far apart


@dataclass(frozen=True, slots=True)
class Bar:
    """One stay: `row` and `colour` count from 0, `text` is shown under the pointer."""

    row: int
    start: int
    finish: int
    colour: int
    label: str
    text: str


def draw_gantt(title: str, rows: Sequence[str], bars: Iterable[Bar]) -> str:
    """Return a complete SVG document."""
    bars = list(bars)
    span = max((bar.finish for bar in bars), default=1) or 1
    scale = (WIDTH - LEFT - 20) / span
    height = TOP + ROW * len(rows) + 26
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        "<style>text { font: 11px sans-serif }</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT}" y="22" style="font: bold 14px sans-serif">{escape(title)}</text>',
        *_axis(span, scale, TOP + ROW * len(rows)),
        *_rows(rows),
        *(_bar(bar, scale) for bar in bars if bar.finish > bar.start),
        "</svg>\n",
    ]
    return "\n".join(body)


def _axis(span: int, scale: float, bottom: int) -> Iterable[str]:
    """Yield a line and a number at round times."""
    step = 1
    while span / step > NUM_TICKS:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    for time in range(0, span + 1, step):
        x = LEFT + time * scale
        yield f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{bottom}" stroke="#ddd"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle" fill="#555">{time}</text>'


def _rows(rows: Sequence[str]) -> Iterable[str]:
    for i, name in enumerate(rows):
        y = TOP + ROW * i + 15
        yield f'<text x="{LEFT - 8}" y="{y}" text-anchor="end">{escape(name)}</text>'


def _bar(bar: Bar, scale: float) -> str:
    """Return a rectangle with its label, if there is room for one."""
    x, y = LEFT + bar.start * scale, TOP + ROW * bar.row
    width = max((bar.finish - bar.start) * scale, 0.5)
    hue = bar.colour * GOLDEN_ANGLE % 360
    label = ""
    if width > 7 * len(bar.label) + 4:
        middle = x + width / 2
        label = (
            f'<text x="{middle:.1f}" y="{y + 15}" text-anchor="middle">{escape(bar.label)}</text>'
        )
    return (
        f'<g><title>{escape(bar.text)}</title><rect x="{x:.1f}" y="{y + 2}" width="{width:.1f}"'
        f' height="{ROW - 4}" rx="2" fill="hsl({hue:.0f} 60% 72%)"'
        f' stroke="hsl({hue:.0f} 45% 45%)"/>'
        f"{label}</g>"
    )
