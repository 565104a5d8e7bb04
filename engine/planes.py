"""Many policies on one frame at once: three planes of each, met, unknown and near miss, a bit for every row.

Each condition is asked once, however many policies share it, and each text column is turned into numbers once: what its
conditions say of a value is looked up, not compared again for every row. What remains are ands and ors of bits.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import polars as pl

from rules.planes import OPPOSITE, Planes, Step
from rules.polars_expressions import condition
from rules.tree import Compare, Fact, InIndustry, Kind, Node, OneOf, Text, Within, bare, facts_of

MET, UNKNOWN, NEAR = "met", "unknown", "near"
OUTCOMES = (MET, UNKNOWN, NEAR)

FEW_ROWS = 20_000
"""Below, a text is compared as it is: numbering a column's texts would cost more than it spares."""

_OFTEN = 2  # lists that ask for a text; a single one is cheaper asked of the text itself
_CODED = (pl.Enum, pl.Categorical)
_TEXTS = frozenset({Kind.TEXT, Kind.REGION, Kind.INDUSTRY})


@dataclass(frozen=True, slots=True)
class Program:
    """How some planes are made of leaves: layer by layer, each of columns that stand by then; the last are those asked for."""

    leaves: tuple[int, ...]
    layers: tuple[tuple[pl.Expr, ...], ...]
    told: tuple[pl.Expr, ...]


@dataclass(frozen=True)
class Matcher:
    """Policies compiled together.

    `is_plain`: every policy is asked by itself, as the expressions of its criteria say; for comparison. `few_rows`: of how many
    rows at least texts are numbered.
    """

    criteria: Mapping[str, tuple[Node, ...]]
    is_plain: bool = False
    few_rows: int = FEW_ROWS
    planes: Planes = field(default_factory=Planes)
    _programs: dict[tuple[str, ...], Program] = field(default_factory=dict)

    @classmethod
    def of(cls, policies: Mapping[str, Sequence[Node]], *, is_plain: bool = False, few_rows: int = FEW_ROWS) -> Self:
        """Return the matcher of policies, each given by its criteria."""
        return cls({name: tuple(nodes) for name, nodes in policies.items()}, is_plain, few_rows)

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the codes of the attributes that the policies read, in order."""
        return tuple(sorted(facts_of(*(node for nodes in self.criteria.values() for node in nodes))))

    def match(self, profiles: pl.DataFrame, outcomes: Sequence[str] = OUTCOMES) -> pl.DataFrame:
        """Return some outcomes of every policy for every row, as columns `OUTCOME:POLICY`, never null.

        Shape: one row per profile in, with `day` and a column for each attribute; the same rows in the same order out.
        """
        if self.is_plain:
            every = {
                f"{outcome}:{policy}": _plain(criteria, outcome)
                for policy, criteria in self.criteria.items()
                for outcome in outcomes
            }
            return profiles.lazy().select("day", **every).drop("day").collect()
        program = self._program(tuple(outcomes))
        made = self._leaves(profiles, program.leaves)
        for layer in program.layers:
            made = made.with_columns(layer)
        return made.select(program.told)

    def _program(self, outcomes: tuple[str, ...]) -> Program:
        if outcomes not in self._programs:
            numbers = {
                f"{outcome}:{policy}": _plane_of(self.planes, criteria, outcome)
                for policy, criteria in self.criteria.items()
                for outcome in outcomes
            }
            self._programs[outcomes] = self._written(numbers)
        return self._programs[outcomes]

    def _written(self, numbers: Mapping[str, int]) -> Program:
        """Write how planes are made; one of which only one other is made is made with it."""
        needed = self.planes.needed_for(numbers.values())
        leaves = tuple(number for number in needed if self._is_leaf(number))
        uses = Counter(part for each in needed if not self._is_leaf(each) for part in self.planes[each].parts)
        uses.update(dict.fromkeys(numbers.values(), 2))  # what is asked for is kept
        level = dict.fromkeys(leaves, 0)
        exprs = {number: pl.col(str(number)) for number in leaves}
        layers: dict[int, list[pl.Expr]] = {}
        for number in needed:
            if number in level:
                continue
            made = self._joined(number, exprs)
            level[number] = max((level[part] for part in self.planes[number].parts), default=0)
            exprs[number] = made
            if uses[number] > 1:
                level[number] += 1
                layers.setdefault(level[number], []).append(made.alias(str(number)))
                exprs[number] = pl.col(str(number))
        told = tuple(pl.col(str(number)).alias(name) for name, number in numbers.items())
        return Program(leaves, tuple(tuple(layers[each]) for each in sorted(layers)), told)

    def _is_leaf(self, number: int) -> bool:
        return self.planes[number].step in {Step.TRUE, Step.FALSE}

    def _joined(self, number: int, exprs: Mapping[int, pl.Expr]) -> pl.Expr:
        plane = self.planes[number]
        parts = [exprs[part] for part in plane.parts]
        match plane.step:
            case Step.NOT:
                return parts[0].not_()
            case Step.BOTH:
                return pl.all_horizontal(parts) if parts else pl.lit(value=True)
            case _:
                return pl.any_horizontal(parts) if parts else pl.lit(value=False)

    def _leaves(self, profiles: pl.DataFrame, numbers: Sequence[int]) -> pl.DataFrame:
        """Return the planes of leaves: a column for each, named by its number; never null."""
        of_texts: dict[str, list[int]] = {}
        others = []
        for number in numbers:
            code = text_of(self._leaf(number))
            if code is None:
                others.append(number)
            else:
                of_texts.setdefault(code, []).append(number)
        coded = {code: self._coded(profiles[code], own) for code, own in of_texts.items()}
        exprs = [self._asked(number).alias(str(number)) for number in others]
        exprs += [each for code, own in of_texts.items() for each in self._of_text(code, coded[code], own)]
        columns = [column.alias(f":{code}") for code, column in coded.items() if column.dtype != pl.String]
        read = facts_of(*map(self._leaf, others))
        texts = [pl.col(code).cast(pl.String) for code in sorted(read) if isinstance(profiles.schema[code], _CODED)]
        return profiles.with_columns(*columns, *texts).select("day", *exprs)

    def _coded(self, texts: pl.Series, numbers: Sequence[int]) -> pl.Series:
        """Return a column of texts as numbers, those that no leaf asks for as null; as it is where that does not pay."""
        leaves = {self.planes[number].parts[0]: self._leaf(number) for number in numbers}.values()
        is_rarely_asked = sum(not isinstance(each, Compare) for each in leaves) < _OFTEN
        if texts.dtype != pl.String or len(texts) < self.few_rows or is_rarely_asked:
            return texts
        if all(isinstance(each, Compare | OneOf) for each in leaves):
            values = pl.Series(sorted(frozenset[str]().union(*map(_listed, leaves))), dtype=pl.String)
        else:
            values = texts.unique().drop_nulls()
        return texts.cast(pl.Enum(values), strict=False)

    def _of_text(self, code: str, column: pl.Series, numbers: Sequence[int]) -> Iterator[pl.Expr]:
        """Give the planes of leaves about one text as expressions; of a coded one by the values for which each is so."""
        values, own = _values_of(column), pl.col(f":{code}")
        for number in numbers:
            plane, leaf = self.planes[number], self._leaf(number)
            if column.dtype == pl.String:
                made = self._asked(number)
            elif isinstance(leaf, Compare | OneOf):
                holds = own.is_in(sorted(_listed(leaf))).fill_null(value=False)
                made = holds if plane.step is Step.TRUE else holds.not_() & pl.col(code).is_not_null()
            else:
                said = values.filter(self._asked(number))[code]
                made = own.is_in(said.to_list()).fill_null(value=False)
            yield made.alias(str(number))

    def _leaf(self, number: int) -> Node:
        return self.planes.leaves[self.planes[number].parts[0]]

    def _asked(self, number: int) -> pl.Expr:
        """Return a leaf's plane as an expression; never null."""
        leaf = self._leaf(number)
        if self.planes[number].step is Step.TRUE:
            return condition(leaf).fill_null(value=False)
        if isinstance(leaf, Compare):
            return condition(replace(leaf, sign=OPPOSITE[leaf.sign])).fill_null(value=False)
        return condition(leaf).not_().fill_null(value=False)


def text_of(leaf: Node) -> str | None:
    """Return the one text that a leaf is about, compared with constants alone; else None."""
    match leaf:
        case OneOf(value=value) | Within(region=value) | InIndustry(industry=value):
            fact = bare(value)
        case Compare(sign="==", left=value, right=right) if isinstance(bare(right), Text):
            fact = bare(value)
        case _:
            return None
    return fact.code if isinstance(fact, Fact) and fact.kind in _TEXTS else None


def _listed(leaf: Node) -> frozenset[str]:
    """Return the texts for which a leaf holds, of one that lists them."""
    options = leaf.options if isinstance(leaf, OneOf) else (leaf.right,) if isinstance(leaf, Compare) else ()
    return frozenset(option.value for option in map(bare, options) if isinstance(option, Text))


def _values_of(column: pl.Series) -> pl.DataFrame:
    """Return the values that a column of coded texts may have, as texts; none of a column that is not coded."""
    match column.dtype:
        case pl.Enum() as coded:
            values = coded.categories
        case pl.Categorical():
            values = column.unique().drop_nulls().cast(pl.String)
        case _:
            values = pl.Series(dtype=pl.String)
    return values.alias(column.name).to_frame()


def _plane_of(planes: Planes, criteria: Sequence[Node], outcome: str) -> int:
    """Return the plane of one outcome of a policy, by number."""
    match outcome:
        case "met":
            return planes.both([planes.true(each) for each in criteria])
        case "unknown":
            met, failing = _plane_of(planes, criteria, MET), planes.either([planes.false(each) for each in criteria])
            return planes.complement(planes.either([met, failing]))
        case _:
            return _met_and_near(planes, criteria)[1]


def _met_and_near(planes: Planes, criteria: Sequence[Node]) -> tuple[int, int]:
    """Return where all criteria are true, and where all but one are and that one is false: by halves."""
    if len(criteria) == 1:
        return planes.true(criteria[0]), planes.false(criteria[0])
    half = len(criteria) // 2
    if not half:
        return planes.both([]), planes.either([])
    (one_met, one_near), (other_met, other_near) = (
        _met_and_near(planes, part) for part in (criteria[:half], criteria[half:])
    )
    near = planes.either([planes.both([one_met, other_near]), planes.both([one_near, other_met])])
    return planes.both([one_met, other_met]), near


def _plain(criteria: Sequence[Node], outcome: str) -> pl.Expr:
    """Return an outcome as the criteria say it, one after the other."""
    holds = [condition(each) for each in criteria]
    every = pl.all_horizontal(holds) if holds else pl.lit(value=True)
    match outcome:
        case "met":
            return every.fill_null(value=False)
        case "unknown":
            return every.is_null()
        case _:
            failing = pl.sum_horizontal(
                [each.not_().fill_null(value=False).cast(pl.Int32) for each in holds] or [pl.lit(0)]
            )
            lacking = pl.any_horizontal([each.is_null() for each in holds] or [pl.lit(value=False)])
            return (failing == 1) & lacking.not_()
