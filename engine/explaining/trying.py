"""What if: every policy examined once more with some of a subject's own figures replaced, beside what holds; nothing is kept.

The same tree on the same profile as `engine.explaining.examine`; nothing but the replaced facts is different.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.explaining.examination import Examination, ExaminedFact, Profile
from engine.explaining.examine import Viewpoint, examine
from engine.night import NightPolicy
from profiles.asking import Fact, FactState
from profiles.catalogue import Attribute
from rules.closures import Value
from rules.operands import MistakeError
from rules.written_facts import typed_value


@dataclass(frozen=True, slots=True)
class Figure:
    """One fact that can be replaced: what is held, and the titles of the policies that read it."""

    attribute: Attribute
    held: ExaminedFact
    policies: tuple[str, ...]
    is_near: bool  # something that does not hold, or is not known, reads it


@dataclass(frozen=True, slots=True)
class Tried:
    """One policy as it is, and as it would be."""

    before: Examination
    after: Examination

    @property
    def is_changed(self) -> bool:
        """Say whether somebody would read something else: another outcome, another amount, or other conditions that fail."""
        return any(
            told(self.before) != told(self.after)
            for told in (
                lambda seen: seen.outcome,
                lambda seen: {each.id for each in seen.failing},
                lambda seen: seen.amount if seen.outcome != "not_met" else None,
            )
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """What a subject's figures are, and, where some were replaced, what that changes."""

    figures: tuple[Figure, ...]
    tried: tuple[Tried, ...]
    replaced: Mapping[str, ExaminedFact]
    wrong: Mapping[str, str]  # what was typed and is no such value, by code
    left_out: tuple[tuple[str, str], ...]  # code and title of what is decided for each event, and not tried


def try_out(viewpoint: Viewpoint, *, kind: str, subject_id: str, typed: Mapping[str, str]) -> Trial:
    """Examine a subject under every standing policy for its kind, with some facts as somebody typed them.

    Expects: that `typed` names facts by code; what names none, and what is empty, is left as it is.
    """
    policies = [each for each in viewpoint.of_kind(kind) if each.version_on_date is not None]
    profile = viewpoint.profile_of(kind, subject_id)
    facts = profile.facts
    before = {each.policy: examine(viewpoint, each, profile) for each in policies}
    values, wrong = _values(viewpoint, facts, typed)
    changed = Profile(viewpoint.catalogue, _followed(viewpoint, policies, facts, values))
    after = {each.policy: examine(viewpoint, each, changed) for each in policies} if values else before
    replaced = {fact.code: fact for seen in after.values() for fact in seen.facts if fact.code in values}
    return Trial(
        _figures(viewpoint, before),
        tuple(Tried(before[code], after[code]) for code in before),
        replaced,
        wrong,
        tuple(
            (each.policy, each.current.written.title)
            for each in viewpoint.over_events(kind)
            if each.version_on_date is not None
        ),
    )


def _values(
    viewpoint: Viewpoint, facts: Mapping[str, Fact], typed: Mapping[str, str]
) -> tuple[dict[str, Value], dict[str, str]]:
    values: dict[str, Value] = {}
    wrong: dict[str, str] = {}
    for code, words in typed.items():
        if code not in facts or not words.strip():
            continue
        attribute = viewpoint.catalogue.attributes[code]
        try:
            values[code] = typed_value(attribute.label, words, attribute.fact_type)
        except MistakeError:
            wrong[code] = words
    return values, wrong


def _followed(
    viewpoint: Viewpoint, policies: list[NightPolicy], facts: Mapping[str, Fact], values: Mapping[str, Value]
) -> dict[str, Fact]:
    """Return the facts with some replaced, and with those that say whether another policy is met following them."""
    now = {code: fact.value for code, fact in facts.items()}
    changed = {**facts, **{code: Fact(value, FactState.KNOWN) for code, value in values.items()}}
    standing = {each.policy for each in policies}
    follows = {
        code: attribute.outcome_of
        for code in facts
        if (attribute := viewpoint.catalogue.attributes[code]).outcome_of in standing and code not in values
    }
    for _ in follows:  # one may follow another: never more turns than there are
        then = {code: fact.value for code, fact in changed.items()}
        for code, policy in follows.items():
            closed = viewpoint.closed[policy or ""]
            outcome = closed.outcome(then, viewpoint.day)
            if outcome != closed.outcome(now, viewpoint.day):
                changed[code] = replace(facts[code], value=outcome)
    return changed


def _figures(viewpoint: Viewpoint, examined: Mapping[str, Examination]) -> tuple[Figure, ...]:
    """Return what can be replaced, in the order in which policies read it; whether another policy is met follows by itself."""
    readers: dict[str, list[str]] = {}
    held: dict[str, ExaminedFact] = {}
    near: set[str] = set()
    for seen in examined.values():
        near |= {fact.code for each in (*seen.failing, *seen.unknown) for fact in each.facts}
        for fact in seen.facts:
            held.setdefault(fact.code, fact)
            readers.setdefault(fact.code, []).append(seen.title)
    attributes = viewpoint.catalogue.attributes
    return tuple(
        Figure(attributes[code], fact, tuple(readers[code]), code in near)
        for code, fact in held.items()
        if attributes[code].outcome_of is None
    )
