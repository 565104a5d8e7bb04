"""Many policies on one frame at once: three planes of each, met, unknown and near miss, a bit for every row.

Each condition is asked once, however many policies share it, and each text column is turned into numbers once: what its
conditions say of a value is looked up, not compared again for every row. What remains are ands and ors of bits: of columns, or
for a few rows of whole numbers, whose digits are the rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import NamedTuple, Self

import polars as pl

from engine.codings import everywhere
from engine.leaves import FEW_ROWS, SINGLY, Answer, B, Leaves, as_rules_read
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
        true, false = dict[int, int](), dict[int, int]()
        strokes, kept = list[Stroke](), set(told.values())
        for number in reversed(planes.needed_for(told.values())):
            step, parts = planes[number]
            match step:
                case Step.TRUE:
                    true[parts[0]] = number
                case Step.FALSE:
                    false[parts[0]] = number
                case _:
                    spent = tuple(part for part in parts if part not in kept)
                    kept.update(spent)
                    strokes.append(Stroke(number, step, parts, spent))
        leaves = {each: planes.leaves[each] for each in sorted(true.keys() | false.keys())}
        return cls(Leaves.of(leaves, few_rows), true, false, tuple(reversed(strokes)), told)

    def made(self, profiles: pl.DataFrame, singly: int = 0) -> dict[str, pl.Series]:
        """Return the planes asked for, of every row; up to `singly` rows are asked one by one."""
        if profiles.height > singly:
            return self._drawn(self.leaves.answers(profiles), everywhere(profiles.height, value=True))
        digits = self._drawn(self.leaves.answers_singly(profiles), -1)
        rows = range(profiles.height)
        return {
            name: pl.Series([bool(bits >> row & 1) for row in rows], dtype=pl.Boolean) for name, bits in digits.items()
        }

    def _drawn(self, answers: Iterable[tuple[int, Answer[B]]], all_rows: B) -> dict[str, B]:
        """Return the planes asked for, by what the leaves answer."""
        made = dict[int, B]()
        for leaf, answer in answers:
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
                    made[number] = all_rows if step is Step.BOTH else ~all_rows
                case _:
                    made[number] = reduce(and_ if step is Step.BOTH else or_, of)
            for part in spent:
                del made[part]
        return {name: made[number] for name, number in self.told.items()}


@dataclass(frozen=True)
class Matcher:
    """Policies compiled together; `true`: in which planes the criteria of each are true.

    `is_plain`: every policy is asked by itself, as the expressions of its criteria say; for comparison. `few_rows`: of how many
    rows at least the values of texts are looked for. `singly`: up to how many rows are asked one by one.
    """

    criteria: Mapping[str, tuple[Node, ...]]
    planes: Planes
    true: Mapping[str, tuple[int, ...]]
    is_plain: bool = False
    few_rows: int = FEW_ROWS
    singly: int = SINGLY
    _programs: dict[tuple[str, ...], Program] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        policies: Mapping[str, Sequence[Node]],
        *,
        is_plain: bool = False,
        few_rows: int = FEW_ROWS,
        singly: int = SINGLY,
    ) -> Self:
        """Return the matcher of policies, each given by its criteria."""
        planes, criteria = Planes(), {name: tuple(nodes) for name, nodes in policies.items()}
        true = {name: tuple(map(planes.true, nodes)) for name, nodes in criteria.items()}
        return cls(criteria, planes, true, is_plain, few_rows, singly)

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the codes of the attributes that the policies read, in order."""
        return tuple(sorted(facts_of(*self.planes.leaves)))  # each once, however many policies ask it

    def match(self, profiles: pl.DataFrame, outcomes: Sequence[str] = OUTCOMES) -> pl.DataFrame:
        """Return some outcomes of every policy for every row, as columns `OUTCOME:POLICY`, never null.

        Shape: one row per profile in, with `day` and a column for each attribute, texts as texts or coded, whole numbers of
               any size; the same rows in the same order out.
        """
        if not self.is_plain:
            return pl.DataFrame(self.program(tuple(outcomes)).made(profiles, self.singly))
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
                for outcome, number in _planes_of(self.planes, self.true[policy], criteria, outcomes)
            }
            self._programs[outcomes] = Program.of(self.planes, told, self.few_rows)
        return self._programs[outcomes]


def _planes_of(
    planes: Planes, true: Sequence[int], criteria: Sequence[Node], outcomes: Sequence[str]
) -> Iterator[tuple[str, int]]:
    """Give the planes of some outcomes of a policy, by number; `true` are those of its criteria."""
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
