"""Size classes of enterprises, as statistics draw them: the table in `rules/library/codes`, and what a rule asks of it.

A class needs all lower bounds of the industry's row, else the enterprise drops one class; one bound of 小型 missed is
enough for 微型. So a class may be certain though a figure is unknown, and every reader works with the set of classes
that remain possible.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from core.errors import RuleError
from core.strict_yaml import Written, read_yaml
from rules.areas import CODES, in_industry
from rules.tree import InIndustry, Kind, Node

SIZE_CLASSES = ("微型", "小型", "中型", "大型")
UNSIZED = "不划型"
"""The class of an industry that stands in no row."""

_YUAN = 10_000  # the table is in 万元


class WrittenRow(Written):
    """Industries of the table, and the lower bounds of 大型, 中型 and 小型 by each measure that counts there."""

    name: str
    industries: tuple[str, ...]
    staff: tuple[int, int, int] | None = None
    revenue: tuple[int, int, int] | None = None
    assets: tuple[int, int, int] | None = None


class SizeTable(Written):
    """The whole method."""

    rows: tuple[WrittenRow, ...]


@dataclass(frozen=True, slots=True)
class Measure(Node):
    """A figure and what it must reach for 小型, 中型 and 大型."""

    value: Node
    bounds: tuple[Fraction, ...]

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return Kind.NUMBER


@dataclass(frozen=True, slots=True)
class SizeRow(Node):
    """The measures that count for some industries."""

    inside: InIndustry
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class SizeClass(Node):
    """The size class of an enterprise; unknown where more than one remains possible. `covered`: in any row."""

    covered: InIndustry
    rows: tuple[SizeRow, ...]

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return Kind.TEXT

    @property
    def figures(self) -> tuple[Node, ...]:
        """Return what it reads beside the industry, each once."""
        return tuple(dict.fromkeys(measure.value for row in self.rows for measure in row.measures))


@cache
def size_table() -> SizeTable:
    """Return the shipped table of size classes."""
    return read_yaml(CODES / "size_classes.yaml", SizeTable, error=RuleError)


def size_class(industry: Node, staff: Node, revenue: Node, assets: Node) -> SizeClass:
    """Return the node that gives the size class of an enterprise.

    Units: staff in people, revenue and assets in yuan.
    """
    rows = size_table().rows
    measured: list[SizeRow] = []
    for row in rows:
        written = ((staff, row.staff, 1), (revenue, row.revenue, _YUAN), (assets, row.assets, _YUAN))
        measures = tuple(_measure(value, bounds, unit) for value, bounds, unit in written if bounds)
        measured.append(SizeRow(in_industry(industry, row.industries), measures))
    everywhere = tuple(code for row in rows for code in row.industries)
    return SizeClass(in_industry(industry, everywhere), tuple(measured))


def _measure(value: Node, bounds: Sequence[int], unit: int) -> Measure:
    return Measure(value, tuple(Fraction(bound * unit) for bound in reversed(bounds)))
