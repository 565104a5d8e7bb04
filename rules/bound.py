"""A rule version as the rest of the product knows it: read, bound, typed and fingerprinted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from core.edges import DayEdge
from core.findings import Finding
from core.shares import ONE_PURSE, Purse, weights_of
from core.timetables import Timetable
from rules.funding import BoundFunding
from rules.operands import constant_number
from rules.passages import Key, Script
from rules.tariff import FEN, BoundLine, Rounding
from rules.tree import Node, facts_of
from rules.version import WrittenVersion
from rules.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class BoundCriterion:
    """One named condition; `text` is what the author wrote."""

    id: str
    label: str
    node: Node
    actionable: bool
    remedy: str | None
    text: str


@dataclass(frozen=True, slots=True)
class BoundBackdate:
    """Earlier months asked with the criteria `waives` true and the facts `reads` as on the day in `anchor`."""

    anchor: str
    months: int
    waives: frozenset[str]
    reads: frozenset[str]


MEASURE_MARK = "~"
"""How the names of measures begin; no component's name does."""

PAID = f"{MEASURE_MARK}paid"
"""The measure of what counts as paid."""

MONTHS = f"{MEASURE_MARK}months"
"""The measure of how many months a grant pays, one yuan for a month."""

EXTENSION = f"{MEASURE_MARK}extension"
"""The measure of the months that a later decision added."""


def ceiling(pool: str) -> str:
    """Return the measure of a pool's ceiling."""
    return f"{MEASURE_MARK}cap {pool}"


@dataclass(frozen=True, slots=True)
class BoundOffset:
    """What of each later payment may be kept back for a claim; `policies` are those whose payments, this one among them."""

    share: Fraction
    policies: frozenset[str]


@dataclass(frozen=True)
class RuleVersion:
    """One rule version; immutable, and a function of its text and of the catalogue's attributes.

    `fingerprint` covers everything; `results_fingerprint` only what can change an outcome, an amount or a
    payment, so that two versions that agree in it differ in their words alone. Attributes go by their codes.
    `measures` are amounts in yuan that are not paid but that netting asks of every period: `PAID`, `ceiling`.
    `budgets_fen` are by calendar year. `funding` has the purses that pay; `order_by` the attributes in the order of the pot.
    """

    script: Script
    written: WrittenVersion
    fingerprint: str
    results_fingerprint: str
    criteria: tuple[BoundCriterion, ...]
    tariff: Mapping[str, tuple[BoundLine, ...]]
    measures: Mapping[str, Node]
    rounding: Rounding
    timetable: Timetable
    parameters: Mapping[str, Node]
    budgets_fen: Mapping[int, int]
    backdate: BoundBackdate | None
    version_by: str | None
    starts: str | None
    funding: tuple[BoundFunding, ...]
    offset: BoundOffset | None
    order_by: Mapping[str, str]
    edges: tuple[DayEdge, ...]
    vocabulary: Vocabulary
    warnings: tuple[Finding, ...]

    @property
    def text(self) -> str:
        """Return the file as its author wrote it."""
        return self.script.text

    @property
    def policy(self) -> str:
        """Return the policy that this is a version of."""
        return self.written.policy

    @property
    def version(self) -> int:
        """Return the version's number."""
        return self.written.version

    @cached_property
    def purses(self) -> tuple[Purse, ...]:
        """Return the purses that pay, in their order; one where the version names none."""
        if not self.funding:
            return (ONE_PURSE,)
        weights = weights_of([each.share for each in self.funding])
        return tuple(
            Purse(each.name, each.level, each.account, each.project, weight)
            for each, weight in zip(self.funding, weights, strict=True)
        )

    @cached_property
    def constant_measures(self) -> dict[str, int]:
        """Return the measures that are the same for everyone, in fen."""
        numbers = {name: constant_number(node) for name, node in self.measures.items()}
        known = {name: FEN.fen(number) for name, number in numbers.items() if number is not None}
        return {name: fen for name, fen in known.items() if fen is not None}

    @cached_property
    def attributes(self) -> frozenset[str]:
        """Return the codes of all attributes that a question about this version reads."""
        lines = [line for lines in self.tariff.values() for line in lines]
        nodes = [criterion.node for criterion in self.criteria] + [line.amount for line in lines]
        nodes += [line.when for line in lines if line.when is not None]
        nodes += self.measures.values()
        anchors = [self.backdate.anchor if self.backdate else None, self.version_by, self.starts]
        read = self.backdate.reads if self.backdate else frozenset[str]()
        return facts_of(*nodes) | {each for each in anchors if each is not None} | set(self.order_by.values()) | read

    @cached_property
    def lines(self) -> tuple[BoundLine, ...]:
        """Return the lines of the tariff in the order of the file."""
        taken = {component: iter(lines) for component, lines in self.tariff.items()}
        return tuple(next(taken[written.component]) for written in self.written.tariff)

    def conditions(self) -> Iterator[tuple[Node, tuple[Key, ...]]]:
        """Give every condition with its keys in the file: of the criteria, then of the tariff."""
        for index, criterion in enumerate(self.criteria):
            yield criterion.node, ("criteria", index, "when")
        for index, line in enumerate(self.lines):
            if line.when is not None:
                yield line.when, ("tariff", index, "when")
