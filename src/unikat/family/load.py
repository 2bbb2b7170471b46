"""family.uvl and family.toml -> Family: compiled and proven, so every configuration builds."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Final

from unikat.errors import Fault, InvalidFamily, UnknownFeature
from unikat.family import resolve
from unikat.family.clauses import Compiler
from unikat.family.dimacs import parse_dimacs
from unikat.family.draft import Sheet
from unikat.family.encoding import MOST_PAIRS, TooFine
from unikat.family.expression import BadExpression
from unikat.family.features import read_features
from unikat.family.lexis import Faults, Token, TooManyFaults
from unikat.family.link import NOTHING, read_linked
from unikat.family.model import Clauses, Family, Feature, GenericStep, Rule, Value
from unikat.family.numbers import Unsupported
from unikat.family.proof import Proven, Prover, find_fixed, prove_sheet, void_rules
from unikat.family.sheet import read_sheet
from unikat.family.solving import Undecided
from unikat.family.table import Table
from unikat.family.tree import RuleNode, Tree
from unikat.family.values import literals_of, read_value
from unikat.terms import FeatureName, StepId

UVL, CNF, SHEET = "family.uvl", "family.dimacs", "family.toml"
MAX_SHEET: Final = 2_000_000
"""Most letters of a family.toml; a thousand BOM lines take a tenth."""
UNDECIDED: Final = (
    "it was not decided in time whether the rules contradict each other: no configuration was "
    "found, and no contradiction proven"
)
TOO_HARD: Final = (
    "the rules allow some configuration, but not for every option was it decided in time whether "
    "one has it"
)


def load_family(
    uvl: str,
    sheet: str,
    *,
    imported: Mapping[str, str] = NOTHING,
    most_pairs: int = MOST_PAIRS,
) -> Family:
    """Read and check a product family.

    Parameters
    ----------
    imported
        The UVL texts of imported models by name; `sub.part` is the file sub/part.uvl.
    most_pairs
        With so many pairs of values in all its rules, a family's numbers become columns of whole
        numbers (`Family.fine`) instead of a literal for each value. Either way all answers are
        exact; few values are faster as literals, many are only possible as columns.

    Raises
    ------
    InvalidFamily
        With all faults of both texts: syntax, names, types, a family without any configuration,
        lines that no configuration has, slots not filled exactly once, values outside a recipe's
        range.
    """
    read = partial(read_linked, imported=imported)
    return _load(read, uvl, sheet, Faults(UVL), Faults(SHEET), most_pairs)


def load_dimacs(cnf: str, sheet: str) -> Family:
    """Read and check a family whose rules are a DIMACS CNF; every variable becomes an option.

    Raises
    ------
    InvalidFamily
        As `load_family`.
    """
    return _load(parse_dimacs, cnf, sheet, Faults(CNF), Faults(SHEET))


def _load(
    parse: Callable[[str, Faults], Tree],
    rules: str,
    sheet: str,
    rule_faults: Faults,
    sheet_faults: Faults,
    most_pairs: int = MOST_PAIRS,
) -> Family:
    try:
        return _read(parse, rules, sheet, rule_faults, sheet_faults, most_pairs)
    except TooManyFaults:
        raise InvalidFamily(_in_reading_order(rule_faults, sheet_faults)) from None


def _read(
    parse: Callable[[str, Faults], Tree],
    uvl: str,
    sheet: str,
    uvl_faults: Faults,
    sheet_faults: Faults,
    most_pairs: int,
) -> Family:
    uvl_faults.check_length(len(uvl))
    sheet_faults.check_length(len(sheet), MAX_SHEET)
    tree = parse(uvl, uvl_faults)
    features = read_features(tree, uvl_faults)
    scope = resolve.Scope({feature.name: feature for feature in features})
    draft = read_sheet(sheet, scope, sheet_faults)
    if not tree.is_whole:
        _drop_consequences(sheet_faults)
    draft.routing = _in_sequence(draft)
    draft.standard = _standard(draft, scope)
    known = [(each, len(each.found)) for each in (uvl_faults, sheet_faults)]
    try:
        return _proven(Compiler(features, most_pairs), tree, draft, uvl_faults, sheet_faults)
    except TooFine:
        for faults, num in known:
            del faults.found[num:]
        return _proven(Compiler(features, None), tree, draft, uvl_faults, sheet_faults)


def _proven(
    compiler: Compiler, tree: Tree, draft: Sheet, uvl_faults: Faults, sheet_faults: Faults
) -> Family:
    """Compile and prove a family; TooFine: its numbers need columns."""
    _compile(compiler, tree, resolve.Scope(compiler.features), uvl_faults)
    if not tree.is_whole:
        _drop_consequences(uvl_faults)
    _raise(uvl_faults, sheet_faults)
    clauses, fine = compiler.snapshot(), compiler.snapshot_fine()
    proven = _prove(compiler, clauses, tree, draft, uvl_faults)
    _raise(uvl_faults, sheet_faults)
    family = _family(tuple(compiler.features.values()), tree, draft, clauses, proven)
    return replace(family, fine=fine)


def _raise(*collected: Faults) -> None:
    found = _in_reading_order(*collected)
    if found:
        raise InvalidFamily(found)


def _in_reading_order(*collected: Faults) -> list[Fault]:
    """Sort faults; what every copy of an imported model repeats comes once."""
    found = [fault for faults in collected for fault in faults.found]
    own = {faults.file for faults in collected}
    once = {
        (fault.file, fault.line, fault.column, "" if fault.file not in own else fault): fault
        for fault in reversed(found)
    }
    return sorted(once.values(), key=lambda fault: (fault.file == SHEET, fault))


def _drop_consequences(faults: Faults) -> None:
    """Where a feature line could not be read, names that seem unknown are no news."""
    faults.found = [each for each in faults.found if "unknown name" not in each.message]


def _compile(compiler: Compiler, tree: Tree, scope: resolve.Scope, faults: Faults) -> None:
    if faults.found and (tree.root is None or len(scope.features) == 0):
        return
    try:
        compiler.add_tree()
    except TooFine:
        message = "a group with a cardinality has too many members to count"
        faults.add(1, 1, message, "Split the group")
    for rule in tree.rules:
        _compile_rule(compiler, rule, scope, faults)


def _compile_rule(compiler: Compiler, rule: RuleNode, scope: resolve.Scope, faults: Faults) -> None:
    try:
        meaning = resolve.condition(rule.node, scope)
        compiler.add_rule(rule.id, rule.text or rule.source, meaning)
    except BadExpression as bad:
        faults.at(bad.token, bad.message, bad.remedy, key=rule.id)
    except Unsupported as unsupported:
        faults.at(rule.at, unsupported.message, unsupported.remedy, key=rule.id)


def _in_sequence(draft: Sheet) -> list[GenericStep]:
    """Sort steps so that predecessors come first, else in sequence; a cycle is a fault."""
    left = {step.id: step for step in draft.routing}
    done: dict[StepId, GenericStep] = {}
    while left:
        ready = [step for step in left.values() if not any(each in left for each in step.after)]
        if not ready:
            names = ", ".join(left)
            table = draft.step_tables[next(iter(left))]
            table.fault("after", f"steps wait for each other: {names}", "Remove one 'after'")
            break
        done[ready[0].id] = left.pop(ready[0].id)
    return list(done.values())


def _standard(draft: Sheet, scope: resolve.Scope) -> Mapping[FeatureName, Value]:
    table = draft.family.table("standard")
    found: dict[FeatureName, Value] = {}
    for name, raw in table.content.items():
        feature = scope.features.get(name)
        if feature is None:
            table.fault(name, f"unknown name {name!r}", "Name a feature")
        elif not isinstance(raw, bool | int | float | str):
            table.fault(name, f"{raw!r} is no value", "Write true, a number or a text")
        else:
            _take(table, feature, raw, found)
    return MappingProxyType(found)


def _take(
    table: Table, feature: Feature, raw: bool | float | str, found: dict[FeatureName, Value]
) -> None:
    try:
        found[feature.name] = read_value(feature, raw)
    except UnknownFeature as unknown:
        table.fault(feature.name, str(unknown), "Correct the value")


def _prove(
    compiler: Compiler,
    clauses: Clauses,
    tree: Tree,
    draft: Sheet,
    faults: Faults,
) -> Proven:
    prover, message = Prover(compiler), UNDECIDED
    try:
        if not prover.is_possible():
            _void(prover, tree, faults)
            return Proven((), (), None)
        message = TOO_HARD
        prover.allow_more()
        _prove_standard(prover, clauses, draft)
        return find_fixed(prover, clauses, len(compiler.features))
    except Undecided:
        faults.add(1, 1, message, "State the rules more simply, or split the family")
        return Proven((), (), None)
    finally:
        prover.close()


def _prove_standard(prover: Prover, clauses: Clauses, draft: Sheet) -> None:
    """Prove the sheet, and that the standard product is valid."""
    prove_sheet(prover, draft)
    wanted = [
        literal
        for name, value in draft.standard.items()
        for literal in literals_of(
            clauses, prover.compiler.variable[name], prover.compiler.features[name], value
        )
    ]
    if not prover.is_possible(*wanted):
        draft.family.fault("standard", "the standard product breaks the rules", "Change a pick")


def _void(prover: Prover, tree: Tree, faults: Faults) -> None:
    """Say why there is no configuration, at the first rule it is due to."""
    names = void_rules(prover.compiler)
    places = [rule.at for rule in tree.rules if rule.id in names]
    message = f"the family is void: no configuration satisfies {', '.join(names)} together"
    faults.at(places[0] if places else Token("", "", 1, 1), message, "Change one of them")


def _remarks(features: tuple[Feature, ...], proven: Proven) -> tuple[str, ...]:
    return (
        *(f"{features[i].name} is in no configuration" for i in proven.dead),
        *(
            f"{features[i].name} is in every configuration though it looks optional"
            for i in proven.core
            if features[i].group not in ("root", "mandatory")
        ),
    )


def _family(
    features: tuple[Feature, ...],
    tree: Tree,
    draft: Sheet,
    clauses: Clauses,
    proven: Proven,
) -> Family:
    rules = tuple(Rule(rule.id, rule.text, rule.source, rule.at.line) for rule in tree.rules)
    return Family(
        id=draft.id,
        version=draft.version,
        name=draft.name,
        features=features,
        index=MappingProxyType({feature.name: i for i, feature in enumerate(features)}),
        rules=rules,
        standard=draft.standard,
        modules=tuple(draft.modules),
        bom=tuple(draft.bom),
        routing=tuple(draft.routing),
        slots=tuple(draft.slots),
        prices=tuple(draft.prices),
        recipes=tuple(draft.recipes),
        measured=tuple(draft.measured),
        renamed=MappingProxyType(draft.renamed),
        clauses=clauses,
        remarks=_remarks(features, proven),
        characteristics=tuple(draft.characteristics),
        start=proven.start,
    )
