"""Before the first shopper comes: compile and load what the first quote would wait for."""

from contextlib import suppress
from dataclasses import replace

from unikat import flow
from unikat.configure import choose_all, complete
from unikat.configure.optimise import load_solver
from unikat.configure.reasons import prepare_reasons
from unikat.edge.ids import CountedIds
from unikat.edge.store.memory import MemoryQuotes
from unikat.edge.web.call import Web
from unikat.edge.web.choosing import read_picks, reply_choice
from unikat.errors import UnikatError


def warm_up(web: Web) -> None:
    """Make a quote for middle measures and forget it; runs where quotes are made."""
    measures = {each.name: (each.low + each.high) / 2.0 for each in web.form.measures}
    family = web.site.family
    beside = replace(web.site, quotes=MemoryQuotes(web.site.clock), ids=CountedIds())
    with suppress(UnikatError):  # a family may not fit them: then the first quote is slow
        configuration = complete(choose_all(family, read_picks(family, {}, measures)))
        flow.quote(beside, configuration, measures)
    web.clerk.submit(reply_choice, family, web.form, {}, web.site.policy.currency).result()
    web.clerk.submit(prepare_reasons, family)  # nor the first refusal for its reasons
    web.clerk.submit(load_solver)  # a second that the first repair need not wait for
