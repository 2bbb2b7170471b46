"""All that is asked of a family at once, and the same as facts for programs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from unikat.configure.analysis import Analysis, Bindings, analyse, find_bindings
from unikat.configure.commonality import Commonality, find_commonality
from unikat.configure.count import Count, count_configurations
from unikat.family.model import Family

if TYPE_CHECKING:
    from unikat.edge.patience import Patience

Progress = Callable[[int, int], None]
VALUE_CLAUSES: Final = 500_000
"""How long the values of numbers are counted here; `family count --values` takes longer."""


@dataclass(frozen=True, slots=True)
class Study:
    """What was found out; `values` is None without numbers, `commonality` when it took too long.

    `is_stopped` tells whether it ended early.
    """

    analysis: Analysis
    count: Count
    values: Count | None
    commonality: Commonality | None
    bindings: Bindings
    is_stopped: bool


def study(
    family: Family,
    patient: "Patience",
    *,
    seed: int = 1,
    progress: Progress = lambda done, total: None,
) -> Study:
    """Analyse rules, count, find the share of each option, and ask which rules bind.

    A third of the time is for the rules, a half for counting.
    """
    rules = patient.until(1 / 3)
    analysis = analyse(family, is_cancelled=rules, progress=_part(progress, 0, 40))
    counting = patient.until(5 / 6)
    commonality = find_commonality(family, seed=seed, is_cancelled=counting)
    progress(70, 100)
    if commonality is not None and commonality.num_configurations is not None:
        count = Count(commonality.num_configurations, is_exact=True)
    else:
        count = count_configurations(family, num_clauses=0, is_cancelled=counting)
    values = None
    if family.fine is None and any(feature.is_number for feature in family.features):
        values = count_configurations(
            family, has_values=True, num_clauses=VALUE_CLAUSES, is_cancelled=counting
        )
    bindings = find_bindings(
        family, seed=seed, is_cancelled=patient.is_over, progress=_part(progress, 80, 100)
    )
    return Study(analysis, count, values, commonality, bindings, patient.is_over())


def _part(progress: Progress, low: int, high: int) -> Progress:
    return lambda done, total: progress(low + (high - low) * done // max(total, 1), 100)


def study_facts(family: Family, found: Study) -> Mapping[str, object]:
    """Return a study as JSON facts; counts are texts, for they may be long."""
    analysis, common = found.analysis, found.commonality
    return {
        "features": analysis.num_features,
        "rules": analysis.num_rules,
        "clauses": analysis.num_clauses,
        "core": analysis.core,
        "dead": analysis.dead,
        "false_optional": analysis.false_optional,
        "redundant_rules": list(analysis.redundant),
        "redundant_because": analysis.redundant,
        "droppable_together": analysis.droppable,
        "all_rules_examined": analysis.is_whole,
        "configurations": count_facts(found.count),
        "configurations_with_values": count_facts(found.values) if found.values else None,
        "commonality": common_facts(common),
        "rule_coverage": round(analysis.coverage, 4),
        "refusals": found.bindings.num_refused,
        "rule_facts": [
            {
                "rule": rule.id,
                "reason": rule.text,
                "source": rule.source,
                "line": rule.line,
                "touches": names,
                "times_binding": found.bindings.times.get(rule.id, 0),
            }
            for rule, names in analysis.touched
        ],
        "stopped_early": found.is_stopped,
    }


def count_facts(count: Count) -> Mapping[str, object]:
    """Return a count as JSON facts."""
    return {"number": str(count.number), "is_exact": count.is_exact}


def common_facts(common: Commonality | None) -> Mapping[str, object] | None:
    """Return shares as JSON facts, each with its interval unless they are exact."""
    if common is None:
        return None
    if common.num_samples is None:
        return {
            "kind": "exact",
            "shares": {name: round(share.value, 6) for name, share in common.shares.items()},
        }
    return {
        "kind": "near-uniform samples",
        "samples": common.num_samples,
        "confidence": 0.95,
        "shares": {
            name: [round(each, 6) for each in (share.value, share.low, share.high)]
            for name, share in common.shares.items()
        },
    }


def how_shares(study: Study) -> str:
    """Say in words where the shares come from."""
    common = study.commonality
    if common is None:
        return "Shares of options were not found in the time, or numbers are too fine to count."
    if common.num_samples is None:
        return "Shares are exact: of all valid sets of options, each counted once."
    return (
        f"Shares are estimates from {common.num_samples} near-uniform samples; the interval is"
        " the 95 % one of ten chains, and misses what none of them reached."
    )
