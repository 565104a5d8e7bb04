"""What the matcher was to reach, as ratios of CPU seconds in one run, beside what it reached."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from rich.table import Table

from core.values import FactType, ValueType
from engine.planes import MET, Matcher
from rules.tree import Compare, Fact, Node, Number, Some
from tests.bench.peers.comparing import Comparison
from tests.bench.peers.peer import BY_HAND, DUCKDB, OPENFISCA, OURS, OURS_PLANES, OURS_PREPARED, RULE_ENGINE, ZEN, Peer
from tests.bench.shapes import SHAPES, policies

_MILLION, _HUNDREDTH, _LARGEST = 1_000_000, 10_000, 5_000_000
_LONG = 2_000  # terms of one formula
_CAPTION = (
    """Ratios of CPU seconds within the same rounds. Against other engines: at the most subjects at which both ran."""
)


@dataclass(frozen=True, slots=True)
class Target:
    """One target: its words, its bound, and what was measured of it; None where these sizes do not tell."""

    words: str
    bound: float
    found: float | None
    unit: str = "×"
    is_least: bool = False

    @property
    def is_reached(self) -> bool | None:
        """Say whether it is reached; None where it was not measured."""
        if self.found is None:
            return None
        return self.found >= self.bound if self.is_least else self.found <= self.bound


def targets_table(found: Sequence[Comparison]) -> Table:
    """Hold what was measured against the targets."""
    table = Table(title="Against the targets", caption=_CAPTION, caption_justify="left")
    table.add_column("what")
    for name in ("target", "measured"):
        table.add_column(name, justify="right")
    table.add_column("reached")
    words = {True: "yes", False: "no", None: "not measured"}
    for each in _targets(found):
        sign = "≥" if each.is_least else "≤"
        measured = "" if each.found is None else f"{each.found:,.2f} {each.unit}"
        table.add_row(each.words, f"{sign} {each.bound:,g} {each.unit}", measured, words[each.is_reached])
    return table


def _targets(found: Sequence[Comparison]) -> list[Target]:
    at = {each.count: each for each in found}
    million = at.get(_MILLION)
    others = [(OPENFISCA, 3.5), (DUCKDB, 6.0), (ZEN, 350.0), (RULE_ENGINE, 5_000.0)]
    plan, formula = _plan_seconds()
    return [
        Target("1,000,000 subjects, plain texts, against Polars by hand", 0.55, _ratio(million, OURS, BY_HAND)),
        Target(
            "1,000,000 subjects, a prepared file, against by hand on plain texts",
            0.4,
            _ratio(million, OURS_PREPARED, BY_HAND),
        ),
        Target("peak at 1,000,000 subjects, plain texts", 700, _peak(million), "MiB"),
        Target("peak at 5,000,000 subjects, plain texts", 700, _peak(at.get(_LARGEST)), "MiB"),
        Target("5,000,000 subjects against by hand", 0.35, _ratio(at.get(_LARGEST), OURS, BY_HAND)),
        Target("10,000 subjects against by hand", 1, _ratio(at.get(_HUNDREDTH), OURS, BY_HAND)),
        Target("one subject against by hand", 1, _ratio(at.get(1), OURS, BY_HAND)),
        Target("three planes, kept, against who is met, listed", 1.5, _ratio(million, OURS_PLANES, OURS)),
        Target("1 % of subjects matched alone, against all of them", 6, _hundredth(at), is_least=True),
        Target("plan of 1,000 policies", 100, plan * 1e3, "ms"),
        Target("plan of one formula of 2,000 terms", 10, formula * 1e3, "ms"),
        *(
            Target(f"{peer.name} against mianshen, plain texts", bound, _largest(found, peer), is_least=True)
            for peer, bound in others
        ),
    ]


def _ratio(comparison: Comparison | None, one: Peer, other: Peer) -> float | None:
    own, base = (comparison.of(each) if comparison else None for each in (one, other))
    return own.cpu_seconds / base.cpu_seconds if own and base else None


def _peak(comparison: Comparison | None) -> float | None:
    own = comparison.of(OURS) if comparison else None
    return own.peak_mib if own else None


def _hundredth(at: dict[int, Comparison]) -> float | None:
    if _MILLION not in at or _HUNDREDTH not in at:
        return None
    whole, part = at[_MILLION].of(OURS), at[_HUNDREDTH].of(OURS)
    return whole.cpu_seconds / part.cpu_seconds if whole and part else None


def _largest(found: Sequence[Comparison], peer: Peer) -> float | None:
    ratios = [(each.count, ratio) for each in found if (ratio := _ratio(each, peer, OURS)) is not None]
    return max(ratios)[1] if ratios else None


def _plan_seconds() -> tuple[float, float]:
    """Return what it takes to plan 1,000 policies, and one long formula."""
    amount = Fact("number_0", FactType(ValueType.MONEY))
    terms = tuple(Compare(">=", amount, Number(Fraction(bound))) for bound in range(_LONG))
    formula: dict[str, list[Node]] = {"long": [Some(terms)]}
    return _planned(policies(SHAPES["1,000 policies"])), _planned(formula)


def _planned(asked: dict[str, list[Node]]) -> float:
    spared = []
    for _ in range(3):
        begun = time.process_time()
        Matcher.of(asked).program((MET,))
        spared.append(time.process_time() - begun)
    return min(spared)
