"""What the command line prints: tables for people, JSON for programs, progress on a terminal."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import typer

from unikat.edge.site_file import SiteFile
from unikat.edge.times import to_iso
from unikat.order.model import Order, Quote
from unikat.promise.model import Delay
from unikat.state import SiteState
from unikat.terms import DAY, MINUTE, Instant


def print_table(title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Print two columns under a title, or the title alone."""
    if not rows:
        typer.echo(title)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, show_header=False, title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    for name, value in rows:
        table.add_row(name, value)
    Console().print(table)


@contextmanager
def progress_bar(text: str, *, is_shown: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar on standard error while the block runs, if that is a terminal."""
    if not is_shown or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_quote(offer: Quote, file: SiteFile, *, as_json: bool) -> None:
    """Print a quote: the price item by item, the date, and the chain that binds it."""
    facts = quote_facts(offer, file)
    if as_json:
        typer.echo(json.dumps(facts))
        return
    lines = [(line.text, _money(line.cents, file)) for line in offer.price.lines]
    why = [
        (f"  {r.kind} {r.resource}".rstrip(), f"{r.seconds / MINUTE:.0f} min")
        for r in offer.promise.reasons
        if r.seconds
    ]
    rows = [
        *lines,
        ("total", _money(offer.price.total, file)),
        (f"due ({offer.promise.confidence:.0%} sure)", str(facts["due"])),
        *why,
        ("valid until", str(facts["valid_until"])),
    ]
    print_table(f"Quote {offer.id}", rows)


def print_hurry(before: Quote, offer: Quote, file: SiteFile, *, as_json: bool) -> None:
    """Print a sooner quote and what it does to other orders."""
    facts = {**quote_facts(offer, file), **_hurry_facts(before, offer, file)}
    if as_json:
        typer.echo(json.dumps(facts))
        return
    rows = [
        ("due", f"{facts['due']} (was {facts['was_due']})"),
        *((f"  {delay.order}", _delay_text(delay, file)) for delay in offer.promise.delays),
        ("days to others", f"{facts['days_to_others']:g}"),
        ("promises broken", str(facts["promises_broken"])),
    ]
    print_table(f"Quote {offer.id}", rows)


def _delay_text(delay: Delay, file: SiteFile) -> str:
    times = f"{_when(delay.before, file)} -> {_when(delay.after, file)}"
    return f"{times}, due {_when(delay.due, file)}{', BROKEN' if delay.is_broken else ''}"


def _hurry_facts(before: Quote, offer: Quote, file: SiteFile) -> Mapping[str, object]:
    delays = offer.promise.delays
    return {
        "was_due": _when(before.promise.due, file),
        "delays": [
            {
                "order": delay.order,
                "before": _when(delay.before, file),
                "after": _when(delay.after, file),
                "due": _when(delay.due, file),
                "is_broken": delay.is_broken,
            }
            for delay in delays
        ],
        "days_to_others": round(sum(d.after - d.before for d in delays) / DAY, 2),
        "promises_broken": sum(delay.is_broken for delay in delays),
    }


def quote_facts(offer: Quote, file: SiteFile) -> Mapping[str, object]:
    """Return a quote as JSON facts, times in ISO 8601."""
    return {
        "quote": offer.id,
        "total_cents": offer.price.total,
        "price": [{"text": line.text, "cents": line.cents} for line in offer.price.lines],
        "due": _when(offer.promise.due, file),
        "confidence": offer.promise.confidence,
        "valid_until": _when(offer.valid_until, file),
        "reasons": [
            {"kind": r.kind, "resource": r.resource, "seconds": r.seconds}
            for r in offer.promise.reasons
        ],
    }


def print_order(order: Order, state: SiteState, file: SiteFile, *, as_json: bool) -> None:
    """Print where one order stands."""
    facts = order_facts(order, state, file)
    if as_json:
        typer.echo(json.dumps(facts))
    else:
        shown = {**facts, "total": _money(order.price.total, file)}
        del shown["total_cents"]
        rows = [(name.replace("_", " "), str(v)) for name, v in shown.items() if v is not None]
        print_table(f"Order {order.id}", rows)


def print_orders(state: SiteState, file: SiteFile, *, as_json: bool) -> None:
    """Print all open orders, the earliest due first."""
    orders = sorted(state.orders.values(), key=lambda order: order.due)
    facts = [order_facts(order, state, file) for order in orders]
    if as_json:
        typer.echo(json.dumps(facts))
        return
    rows = [(f"{f['order']}  {f['state']}", f"due {f['due']}") for f in facts]
    print_table(f"Open orders: {len(rows)}; ended: {len(state.ended)}", rows)


def order_facts(order: Order, state: SiteState, file: SiteFile) -> Mapping[str, object]:
    """Return an order as JSON facts, times in ISO 8601."""
    forecast = state.forecasts.get(order.id)
    return {
        "order": order.id,
        "customer": order.customer,
        "state": order.state.value,
        "family_version": order.family_version,
        "total_cents": order.price.total,
        "placed": _when(order.placed_at, file),
        "due": _when(order.due, file),
        "ended": _when(order.ended_at, file) if order.ended_at is not None else None,
        "forecast_p50": _when(forecast.p50, file) if forecast else None,
        "forecast_p90": _when(forecast.p90, file) if forecast else None,
        "p_on_time": round(forecast.p_on_time, 3) if forecast else None,
    }


def _when(instant: Instant, file: SiteFile) -> str:
    return to_iso(instant, file.epoch, file.zone)


def _money(cents: int, file: SiteFile) -> str:
    return f"{cents / 100:.2f} {file.policy.currency}"
