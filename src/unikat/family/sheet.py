"""family.toml -> generic BOM, routing, slots, prices, recipes, and what must be proven of them."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Final

from unikat.family import resolve
from unikat.family.draft import Claim, Need, Presence, Sheet
from unikat.family.expression import BadExpression
from unikat.family.features import UNITS
from unikat.family.gauge import read_characteristic
from unikat.family.interval import MayDivideByZero, interval, is_whole
from unikat.family.lexis import Faults
from unikat.family.meaning import Bool, Constant, Every, Num, Truth, exact, holds
from unikat.family.model import (
    Condition,
    Exact,
    Formula,
    GenericLine,
    GenericStep,
    Measured,
    Module,
    Parameter,
    PriceEntry,
    Recipe,
    Slot,
)  # fmt: skip
from unikat.family.scaled import compile_formula
from unikat.family.table import Table, unique
from unikat.family.units import MixedUnits, unit_of
from unikat.terms import Capability, FeatureName, ItemId, SetupFamily, StepId

_TOML_PLACE: Final = re.compile(r"(.*) \(at line (\d+), column (\d+)\)")


def read_sheet(text: str, scope: resolve.Scope, faults: Faults) -> Sheet:
    """Read all tables; faults are noted and reading goes on."""
    top = Table("", _toml(text, faults), text, faults)
    reader = _Reader(scope, Sheet(top.table("family")))
    reader.read_family()
    for key, read in reader.tables().items():
        tables = top.tables(key)
        if key != "measured":
            unique(tables, key)
        for table in tables:
            read(table)
            table.close()
    reader.read_renamed(top.table("renamed"))
    reader.check_names()
    top.close()
    return reader.sheet


def _toml(text: str, faults: Faults) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _TOML_PLACE.fullmatch(str(error))
        message, line, column = match.groups() if match else (str(error), "0", "0")
        faults.add(int(line), int(column), f"no TOML: {message}", "Correct the syntax")
    except (ValueError, RecursionError) as error:
        faults.add(0, 0, f"no TOML: {error}", "Shorten the numbers, flatten the lists")
    return {"family": {"id": "?", "version": 1}}


class _Reader:
    """Reads table by table into `sheet`."""

    def __init__(self, scope: resolve.Scope, sheet: Sheet) -> None:
        self.scope = scope
        self.sheet = sheet
        self.line_tables: dict[str, Table] = {}
        self.line_when: dict[str, Bool] = {}
        self.recipe_when: dict[str, Bool] = {}

    def tables(self) -> Mapping[str, Callable[[Table], None]]:
        """Return what reads each list of tables, in the sequence of reading."""
        return {
            "module": self.read_module,
            "slot": self.read_slot,
            "bom": self.read_line,
            "recipe": self.read_recipe,
            "routing": self.read_step,
            "price": self.read_price,
            "measured": self.read_measured,
            "characteristic": self.read_characteristic,
        }

    def read_family(self) -> None:
        """Read the table `family`, except `standard`."""
        table = self.sheet.family
        self.sheet.id = table.text("id")
        self.sheet.version = table.whole("version")
        self.sheet.name = table.text("name", self.sheet.id)
        table.used.add("standard")
        table.close()

    # -- formulas --------------------------------------------------------------------------------

    def _condition(self, table: Table, key: str = "when") -> Bool:
        node = table.expression(key, "true")
        if node is None:
            return Truth(value=True)
        try:
            return resolve.condition(node, self.scope)
        except BadExpression as bad:
            table.bad(key, bad)
            return Truth(value=True)

    def _when(self, table: Table) -> tuple[Bool, Condition]:
        node = self._condition(table)
        return node, Condition(str(table.content.get("when", "true")), holds(node), node)

    def _number(self, table: Table, key: str) -> Num:
        node = table.expression(key)
        if node is None:
            return Constant(0)
        try:
            number = resolve.number(node, self.scope)
            interval(number, self.scope.features)
        except BadExpression as bad:
            table.bad(key, bad)
        except MayDivideByZero:
            table.fault(key, "the divisor can be 0", "Add a constant, or divide by max(1, x)")
        else:
            return number
        return Constant(0)

    def _formula(
        self,
        table: Table,
        key: str,
        when: Bool,
        low: Exact | None = None,
        high: Exact | None = None,
    ) -> tuple[Num, Formula]:
        number = self._number(table, key)
        self._check_unit(table, key, number)
        if low is not None or high is not None:
            self.sheet.claims.append(Claim(table, key, when, number, low, high))
        return number, compile_formula(str(table.content.get(key, "")), number)

    def _check_unit(self, table: Table, key: str, number: Num) -> None:
        """Check that a formula adds numbers of one unit, which is that of its line."""
        wanted = "s" if key == "seconds" else table.content.get("unit")
        try:
            unit = unit_of(number, self.scope.features)
        except MixedUnits as mixed:
            table.fault(key, f"adds {mixed}", "Give both the same unit, or a factor to one")
            return
        if key != "cents" and unit is not None and wanted and unit != wanted:
            message = f"{key} is in {unit}, this line in {wanted}"
            table.fault(key, message, "Correct the unit, or multiply by a factor")

    def _present(self, table: Table, when: Bool, slot: str | None) -> None:
        self.sheet.presences.append(Presence(table, when, slot))

    # -- tables ----------------------------------------------------------------------------------

    def read_module(self, table: Table) -> None:
        """Read a product module."""
        module = Module(table.text("id"), table.flag("personal"), table.text("conventional", ""))
        self.sheet.modules.append(module)

    def read_slot(self, table: Table) -> None:
        """Read the condition of a slot."""
        node, when = self._when(table)
        slot = Slot(table.text("id"), when)
        self.sheet.slots.append(slot)
        self.sheet.slot_conditions[slot.id] = node
        self._present(table, node, None)

    def read_line(self, table: Table) -> None:
        """Read a BOM line."""
        node, when = self._when(table)
        number, quantity = self._formula(table, "quantity", node, 0)
        unit = table.text("unit")
        if unit not in UNITS:
            table.fault("unit", f"unit {unit!r} is no house unit", "Write mm, g, s, kWh or piece")
        if unit == "piece" and not is_whole(number, self.scope.features):
            table.fault("quantity", "pieces must be whole", "Use ceil(...) or Integer features")
        slot = table.optional("slot")
        line = GenericLine(
            id=table.text("id"),
            item=ItemId(table.text("item")),
            quantity=quantity,
            unit=unit,
            when=when,
            slot=slot,
            parent=table.optional("parent"),
            module=table.text("module", ""),
        )
        self.sheet.bom.append(line)
        self.line_tables[line.id] = table
        self.line_when[line.id] = node

    def read_step(self, table: Table) -> None:
        """Read a routing line."""
        node, when = self._when(table)
        _, seconds = self._formula(table, "seconds", node, 0)
        setup = table.optional("setup")
        slot = table.optional("slot")
        step = GenericStep(
            id=StepId(table.text("id")),
            capability=Capability(table.text("capability")),
            seconds=seconds,
            when=when,
            slot=slot,
            after=tuple(StepId(each) for each in table.texts("after")),
            uses=table.texts("uses"),
            setup=SetupFamily(setup) if setup else None,
            recipe=table.optional("recipe"),
        )
        self.sheet.routing.append(step)
        self.sheet.step_tables[step.id] = table
        self._present(table, node, slot)
        if step.recipe in self.recipe_when:  # recipes are read before
            self.sheet.needs.append(Need(table, node, self.recipe_when[step.recipe]))

    def read_price(self, table: Table) -> None:
        """Read a price line."""
        node, when = self._when(table)
        _, cents = self._formula(table, "cents", node)
        own = table.text("id")
        self.sheet.prices.append(PriceEntry(own, table.text("text", own), cents, when))
        self._present(table, node, None)

    def read_recipe(self, table: Table) -> None:
        """Read a recipe and its parameters."""
        node, when = self._when(table)
        parameters = table.tables("parameters")
        recipe = Recipe(
            id=table.text("id"),
            version=table.whole("version"),
            when=when,
            parameters=tuple(self._parameter(each, node) for each in parameters),
        )
        names = [each.name for each in recipe.parameters]
        for name in sorted({name for name in names if names.count(name) > 1}):
            table.fault("parameters", f"a second parameter {name!r}", "Rename one")
        self.sheet.recipes.append(recipe)
        self.recipe_when[recipe.id] = node
        self._present(table, node, None)

    def _parameter(self, table: Table, when: Bool) -> Parameter:
        low, high = table.real("low"), table.real("high")
        if high < low:
            table.fault("high", f"high {high} is below low {low}", "Swap them")
        if ("value" in table.content) == ("measured" in table.content):
            table.fault("", "needs either value or measured", "Give one of the two")
        value = None
        if "value" in table.content:
            bounds = _decimal(low), _decimal(high)
            _, value = self._formula(table, "value", when, *bounds)
        name, unit = table.text("name"), table.text("unit", "")
        if unit not in UNITS | {""}:
            table.fault("unit", f"unit {unit!r} is no house unit", "Write mm, g, s, kWh or piece")
        measured = table.optional("measured")
        table.used.add("value")
        table.close()
        return Parameter(name, unit, low, high, value, measured)

    def read_measured(self, table: Table) -> None:
        """Read which measure fills a feature."""
        name = table.text("feature")
        feature = self.scope.features.get(name)
        if feature is None or not feature.is_number:
            table.fault("feature", f"{name!r} is no numeric feature", "Name one")
        self.sheet.measured.append(Measured(FeatureName(name), table.text("from")))

    def read_characteristic(self, table: Table) -> None:
        """Read what is measured after a step; steps are read before."""
        node, when = self._when(table)
        nominal = None
        if "nominal" in table.content:
            _, nominal = self._formula(table, "nominal", node)
        steps = [step.id for step in self.sheet.routing]
        self.sheet.characteristics.append(read_characteristic(table, when, nominal, steps))
        self._present(table, node, None)

    def read_renamed(self, table: Table) -> None:
        """Read old names of features."""
        for old in table.content:
            new = table.text(old)
            if new not in self.scope.features:
                table.fault(old, f"{new!r} is no feature", "Map the old name to the new one")
            self.sheet.renamed[old] = new

    # -- names -----------------------------------------------------------------------------------

    def check_names(self) -> None:
        """Check that all ids named in lines exist."""
        modules = {module.id for module in self.sheet.modules}
        lines = {line.id for line in self.sheet.bom}
        steps: set[str] = {step.id for step in self.sheet.routing}
        recipes = {recipe.id for recipe in self.sheet.recipes}
        units: dict[str, GenericLine] = {}
        for line in self.sheet.bom:
            table = self.line_tables[line.id]
            first = units.setdefault(line.item, line)
            if first.unit != line.unit:
                message = f"{line.item} in {line.unit}, but in {first.unit} in line {first.id!r}"
                table.fault("unit", message, "Use one unit an item")
            _known(table, "module", [line.module] if line.module else [], modules)
            _known(table, "parent", [line.parent] if line.parent else [], lines)
            self._present(table, Every(self._chain(line)), line.slot)
        for step in self.sheet.routing:
            table = self.sheet.step_tables[step.id]
            _known(table, "after", step.after, steps)
            _known(table, "uses", step.uses, lines)
            _known(table, "recipe", [step.recipe] if step.recipe else [], recipes)

    def _chain(self, line: GenericLine) -> tuple[Bool, ...]:
        """Return the conditions of a line and of all lines above it."""
        above = {each.id: each.parent for each in self.sheet.bom}
        chain = [line.id]
        while (parent := above.get(chain[-1])) in above:
            if parent in chain:
                table = self.line_tables[line.id]
                table.fault("parent", f"{line.id!r} is above itself", "Remove one parent")
                break
            chain.append(parent or "")
        return tuple(self.line_when[each] for each in chain)


def _known(table: Table, key: str, names: Iterable[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            remedy = f"Known: {', '.join(sorted(known)) or 'none'}"
            table.fault(key, f"{key} names unknown {name!r}", remedy)


def _decimal(value: float) -> Exact:
    return exact(Fraction(str(value)))
