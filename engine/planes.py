"""Many policies on one frame at once: three planes of each, met, unknown and near miss, a bit for every row.

Each condition is asked once, however many policies share it, and each text column is turned into numbers once: what its
conditions say of a value is looked up, not compared again for every row. What remains are ands and ors of bits.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import NamedTuple, Self

import polars as pl

from engine.codings import everywhere
from engine.leaves import FEW_ROWS, Leaves, as_rules_read
from rules.planes import Planes, Step
from rules.polars_expressions import DAY, condition
from rules.tree import Node, facts_of

MET, UNKNOWN, NEAR = "met", "unknown", "near"
OUTCOMES = (MET, UNKNOWN, NEAR)


class Stroke(NamedTuple):
    """One plane made of others; those that nobody needs after it are let go."""

    number: int
    step: Step
    parts: tuple[int, ...]
    spent: tuple[int, ...]


@dataclass(frozen=True)
class Program:
    """How some planes are made: the leaves asked for, then stroke by stroke. `told`: those asked for, by name.

    `true`, `false`: which planes are where a leaf, by its number, holds and fails.
    """

    leaves: Leaves
    true: Mapping[int, int]
    false: Mapping[int, int]
    strokes: tuple[Stroke, ...]
    told: Mapping[str, int]

    @classmethod
    def of(cls, planes: Planes, told: Mapping[str, int], few_rows: int) -> Self:
        """Write how planes of a table are made."""
        needed = planes.needed_for(told.values())
        true = {planes[each].parts[0]: each for each in needed if planes[each].step is Step.TRUE}
        false = {planes[each].parts[0]: each for each in needed if planes[each].step is Step.FALSE}
        strokes, kept = list[Stroke](), set(told.values())
        for number in reversed(needed):
            plane = planes[number]
            if plane.step not in {Step.TRUE, Step.FALSE}:
                spent = tuple(part for part in plane.parts if part not in kept)
                kept.update(spent)
                strokes.append(Stroke(number, plane.step, plane.parts, spent))
        leaves = {each: planes.leaves[each] for each in sorted(true.keys() | false.keys())}
        return cls(Leaves.of(leaves, few_rows), true, false, tuple(reversed(strokes)), told)

    def made(self, profiles: pl.DataFrame) -> dict[str, pl.Series]:
        """Return the planes asked for, of every row."""
        made = dict[int, pl.Series]()
        for leaf, answer in self.leaves.answers(profiles):
            if (number := self.true.get(leaf)) is not None:
                made[number] = answer.holds
            if (number := self.false.get(leaf)) is not None:
                made[number] = answer.fails
        for number, step, parts, spent in self.strokes:
            of = [made[part] for part in parts]
            match step:
                case Step.NOT:
                    made[number] = ~of[0]
                case _ if not of:
                    made[number] = everywhere(profiles.height, value=step is Step.BOTH)
                case _:
                    made[number] = reduce(and_ if step is Step.BOTH else or_, of)
            for part in spent:
                del made[part]
        return {name: made[number] for name, number in self.told.items()}


@dataclass(frozen=True)
class Matcher:
    """Policies compiled together.

    `is_plain`: every policy is asked by itself, as the expressions of its criteria say; for comparison. `few_rows`: of how many
    rows at least the values of texts are looked for.
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

        Shape: one row per profile in, with `day` and a column for each attribute, texts as texts or coded, whole numbers of
               any size; the same rows in the same order out.
        """
        if not self.is_plain:
            return pl.DataFrame(self.program(tuple(outcomes)).made(profiles))
        every = {
            f"{outcome}:{policy}": _plain(criteria, outcome)
            for policy, criteria in self.criteria.items()
            for outcome in outcomes
        }
        return as_rules_read(profiles).select(DAY, **every).drop(DAY)

    def program(self, outcomes: tuple[str, ...]) -> Program:
        """Return how some outcomes of every policy are made."""
        if outcomes not in self._programs:
            told = {
                f"{outcome}:{policy}": number
                for policy, criteria in self.criteria.items()
                for outcome, number in _planes_of(self.planes, criteria, outcomes)
            }
            self._programs[outcomes] = Program.of(self.planes, told, self.few_rows)
        return self._programs[outcomes]


def _planes_of(planes: Planes, criteria: Sequence[Node], outcomes: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Give the planes of some outcomes of a policy, by number."""
    true = [planes.true(each) for each in criteria]
    false = [] if set(outcomes) <= {MET} else [planes.false(each) for each in criteria]
    met = planes.both(true)
    for outcome in outcomes:
        match outcome:
            case "met":
                yield outcome, met
            case "unknown":
                yield outcome, planes.complement(planes.either([met, planes.either(false)]))
            case _:
                yield outcome, _met_and_near(planes, true, false)[1]


def _met_and_near(planes: Planes, true: Sequence[int], false: Sequence[int]) -> tuple[int, int]:
    """Return where all criteria are true, and where all but one are and that one is false: by halves."""
    half = len(true) // 2
    if not half:
        return planes.both(true), planes.either(false)
    (one_met, one_near), (other_met, other_near) = (
        _met_and_near(planes, true[part], false[part]) for part in (slice(half), slice(half, None))
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
