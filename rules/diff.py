"""Two versions beside each other: what changed in words, and what that does: proved where the solver can."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from math import inf

from pydantic import BaseModel

from core.ledger import Cause
from rules.bound import RuleVersion
from rules.effects import Affected, Effect, compare_effects
from rules.fingerprints import BOUND, CHANGES_RESULTS
from rules.funding import percent_text
from rules.solving import Limits
from rules.tariff import BoundLine
from rules.tree import canonical
from rules.wording import wording

FORMAT_VERSION = 1

_OF_EVERY_VERSION = frozenset({"version", "valid_from", "valid_through"})
"""Another in every version: said at the top, and no change of content."""

_WHO_AND_WHEN_PAID = ("guard", "owner", "terms.pay", "terms.payer", "terms.funding", "terms.pot", "terms.offset")
"""Terms that move payment or watch over it, and nobody's entitlement."""

_MORE_IS_WIDER = (
    "terms.grace.periods",
    "terms.arrears.months",
    *(f"terms.arrears.causes.{cause}" for cause in Cause),
    "terms.backdate.months",
)
"""Terms of which a larger number reaches further."""


class DifferenceKind(StrEnum):
    """What a change does, as far as it is known."""

    TEXT_ONLY = "text only"  # nothing that decides is another
    NEUTRAL = "neutral"  # something that decides, and nobody is affected
    WIDENING = "widening"  # somebody gains, nobody loses
    NARROWING = "narrowing"
    MIXED = "mixed"
    OPEN = "not decided"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs; `before` None is new, `after` None is gone. What `decides` can change a result."""

    section: str
    name: str
    before: str | None
    after: str | None
    decides: bool = True


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs between two versions.

    `open` says what was not decided; a kind beside `not decided` is proved, and nothing is open of it.
    """

    before: RuleVersion
    after: RuleVersion
    changes: Sequence[Change]
    kind: DifferenceKind
    effect: Effect | None
    open: Sequence[str] = ()

    def as_json(self) -> str:
        """Return it for programs; `format_version` grows when a key changes its meaning."""
        told = {
            "format_version": FORMAT_VERSION,
            "policy": self.after.policy,
            "versions": [self.before.version, self.after.version],
            "kind": self.kind.value,
            "open": list(self.open),
            "changes": [
                {"section": c.section, "name": c.name, "before": c.before, "after": c.after, "decides": c.decides}
                for c in self.changes
            ],
            "gainer": _told(self.effect.gainer if self.effect else None),
            "loser": _told(self.effect.loser if self.effect else None),
        }
        return json.dumps(told, ensure_ascii=False, indent=2)


def compare_versions(before: RuleVersion, after: RuleVersion, limits: Limits | None = None) -> Difference:
    """Return what differs between two versions, and what that does."""
    changes = tuple(_changes(before, after))
    deciding = [change for change in changes if change.decides]
    if not deciding:
        return Difference(before, after, changes, DifferenceKind.TEXT_ONLY, None)
    effect = compare_effects(before, after, limits)
    gains, loses, is_open = _by_terms(deciding)
    open_questions = [f"what `{name}` does over time: see a plan" for name in is_open]
    for whether, verb in ((effect.gains, "gains"), (effect.loses, "loses")):
        if whether is None:
            open_questions.append(f"whether somebody {verb}: not decided within the limits")
    found = (gains or effect.gains, loses or effect.loses)
    is_settled = not is_open or found == (True, True)
    kind = _KINDS.get(found, DifferenceKind.OPEN) if is_settled else DifferenceKind.OPEN
    return Difference(before, after, changes, kind, effect, tuple(open_questions))


_KINDS: Mapping[tuple[bool | None, bool | None], DifferenceKind] = {
    (False, False): DifferenceKind.NEUTRAL,
    (True, False): DifferenceKind.WIDENING,
    (False, True): DifferenceKind.NARROWING,
    (True, True): DifferenceKind.MIXED,
}


def _by_terms(changes: Sequence[Change]) -> tuple[bool, bool, list[str]]:
    """Return whether terms make somebody gain, make somebody lose, and which ones only a plan can judge."""
    gains = loses = False
    is_open: list[str] = []
    for change in changes:
        if change.section != "terms" or change.name.startswith(_WHO_AND_WHEN_PAID):
            continue
        if change.name in _MORE_IS_WIDER and change.before and change.after:
            before, after = (inf if each == "unlimited" else int(each) for each in (change.before, change.after))
            gains |= after > before
            loses |= after < before
        else:
            is_open.append(change.name)
    return gains, loses, is_open


def _changes(before: RuleVersion, after: RuleVersion) -> Iterator[Change]:
    yield from _criteria(before, after)
    words = [{name: wording(node) for name, node in version.parameters.items()} for version in (before, after)]
    used = [{name: canonical(node) for name, node in version.parameters.items()} for version in (before, after)]
    for name in dict.fromkeys([*words[0], *words[1]]):
        if used[0].get(name) != used[1].get(name):
            # A parameter decides by what it does in criteria and tariff, which are compared themselves.
            yield Change("parameters", name, words[0].get(name), words[1].get(name), decides=False)
    for component in dict.fromkeys([*before.tariff, *after.tariff]):
        yield from _lines(component, before.tariff.get(component, ()), after.tariff.get(component, ()))
    yield from _measures(before, after)
    yield from _fields(before, after)


def _criteria(before: RuleVersion, after: RuleVersion) -> Iterator[Change]:
    old, new = ({each.id: each for each in version.criteria} for version in (before, after))
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name), new.get(name)
        said = (wording(one.node) if one else None, wording(other.node) if other else None)
        if one is None or other is None or canonical(one.node) != canonical(other.node):
            yield Change("criteria", name, *said)
            continue
        for part, was, now in (
            ("label", one.label, other.label),
            ("remedy", one.remedy, other.remedy),
            ("actionable", str(one.actionable), str(other.actionable)),
        ):
            if was != now:
                yield Change("criteria", f"{name}.{part}", was, now, decides=False)


def _lines(component: str, before: Sequence[BoundLine], after: Sequence[BoundLine]) -> Iterator[Change]:
    """Give the lines of one component that differ, in order; a line beside another in its place is a change of it."""
    old, new = ([_spelt(line) for line in lines] for lines in (before, after))
    for tag, first, last, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        gone, come = before[first:last], after[begin:end]
        for place in range(max(len(gone), len(come))):
            was = _words(gone[place]) if place < len(gone) else None
            now = _words(come[place]) if place < len(come) else None
            yield Change("tariff", component, was, now)


def _spelt(line: BoundLine) -> tuple[str | None, str]:
    return None if line.when is None else canonical(line.when), canonical(line.amount)


def _words(line: BoundLine) -> str:
    return f"{'其余' if line.when is None else wording(line.when)}：{wording(line.amount)}"


def _measures(before: RuleVersion, after: RuleVersion) -> Iterator[Change]:
    for name in dict.fromkeys([*before.measures, *after.measures]):
        one, other = before.measures.get(name), after.measures.get(name)
        if one is None or other is None or canonical(one) != canonical(other):
            yield Change("terms", name, wording(one) if one else None, wording(other) if other else None)
    for index, (was, now) in enumerate(zip(before.funding, after.funding, strict=False), start=1):
        if (
            was.share != now.share
            and before.written.terms.funding[index - 1].share == after.written.terms.funding[index - 1].share
        ):
            yield Change("terms", f"terms.funding.{index}.share", percent_text(was.share), percent_text(now.share))
    one_offset, other_offset = before.written.terms.offset, after.written.terms.offset
    is_said_alike = one_offset is not None and other_offset is not None and one_offset.share == other_offset.share
    if is_said_alike and before.offset and after.offset and before.offset.share != after.offset.share:
        shares = (percent_text(before.offset.share), percent_text(after.offset.share))
        yield Change("terms", "terms.offset.share", *shares)


def _fields(before: RuleVersion, after: RuleVersion) -> Iterator[Change]:
    """Give every other field that differs, leaf by leaf: those that decide as terms, the others as text."""
    names = sorted(set(type(before.written).model_fields) - BOUND - _OF_EVERY_VERSION - {"line", "policy"})
    for name in names:
        old = dict(_leaves(name, getattr(before.written, name)))
        new = dict(_leaves(name, getattr(after.written, name)))
        decides = name in CHANGES_RESULTS
        if not decides and old != new and name in {"examples", "basis"}:
            count = (len(getattr(before.written, name)), len(getattr(after.written, name)))
            yield Change("text", name, str(count[0]), str(count[1]), decides=False)
            continue
        for path in dict.fromkeys([*old, *new]):
            if old.get(path) != new.get(path):
                yield Change("terms" if decides else "text", path, old.get(path), new.get(path), decides=decides)


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            if name != "line":
                yield from _leaves(f"{path}.{name.rstrip('_')}", getattr(value, name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value, start=1):
            yield from _leaves(f"{path}.{index}", item)
    elif value is not None:
        yield path, str(getattr(value, "value", value))


def _told(affected: Affected | None) -> dict[str, object] | None:
    if affected is None:
        return None
    facts = {
        code: str(value) if hasattr(value, "isoformat") else value for code, value in affected.witness.facts.items()
    }
    results = {
        name: {"outcome": result.outcome, "amount_fen": result.amount_fen}
        for name, result in (("before", affected.before), ("after", affected.after))
    }
    return {"day": affected.witness.day.isoformat(), "facts": facts, **results}
