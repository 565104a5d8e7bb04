"""What a change writes on the ledger in the next night, beside what that night would write anyway: items and cases.

Both sides are decided and compared as a night does it, for those alone whose dues differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from core.days import DayRange
from core.ledger import ItemKind, ItemState
from engine.compute import Progress
from engine.decide import Decision, decide_policy
from engine.discovery import discover
from engine.netting.bonds import bonds_of
from engine.netting.comparison import Comparison, compare
from engine.night import NightPolicy
from engine.people import Present
from engine.planning.classify import terms_alike
from engine.planning.months import Views
from engine.planning.sides import Sides, stands_on
from engine.units import Unit
from store.opening import Reading

Profiles = Mapping[str, pl.DataFrame]
"""Profiles by the kind of subject."""


@dataclass(frozen=True, slots=True)
class LedgerEffect:
    """What one policy's next night writes more with the change than without; negative: less.

    Units: fen. `regular` are the payments of current periods, `arrears` 补发, `top_up` 补差; `cancelled` items not yet
    instructed; `case` what was paid and is no longer due, for a person to decide.
    """

    regular_count: int = 0
    regular_fen: int = 0
    arrears_count: int = 0
    arrears_fen: int = 0
    top_up_count: int = 0
    top_up_fen: int = 0
    cancelled_count: int = 0
    cancelled_fen: int = 0
    case_count: int = 0
    case_fen: int = 0

    def minus(self, other: "LedgerEffect") -> "LedgerEffect":
        """Return what this writes more than another."""
        return LedgerEffect(*(getattr(self, name) - getattr(other, name) for name in self.__dataclass_fields__))

    @property
    def is_nothing(self) -> bool:
        """Say whether nothing is written that would not be written anyway."""
        return self == LedgerEffect()


def ledger_effects(
    rx: Reading, sides: Sides, profiles: tuple[Profiles, Profiles], views: Mapping[str, Views], progress: Progress
) -> dict[str, LedgerEffect]:
    """Return what the change writes, by policy.

    Expects: the profiles of every kind and the views of every policy, before and after; a change that reaches back.
    """
    nights = (sides.before, sides.after)
    is_related = any(bond.relation for bond in sides.bonds)
    are_all_asked = is_related or sides.moved != set(sides.changed)
    some = profiles if are_all_asked else (_that_may_differ(sides, profiles[0], views),) * 2
    decided = [_decided(Present(night), own, progress) for night, own in zip(nights, some, strict=True)]
    # A household's money moves together, and under other bonds or terms anybody's may: then nobody is left out.
    concerned = None if is_related or not _nets_alike(sides) else _differing(*decided)
    if concerned is not None and concerned.is_empty():
        return {}
    progress("reading what the ledger holds")
    sides = sides.with_positions(rx, concerned)
    progress("comparing what is due with the ledger")
    old, new = (
        _written(rx, _only(Present(night), concerned), _of(decisions, concerned))
        for night, decisions in zip((sides.before, sides.after), decided, strict=True)
    )
    effects = {code: new[code].minus(old.get(code, LedgerEffect())) for code in new}
    return {code: effect for code, effect in effects.items() if not effect.is_nothing}


def _that_may_differ(sides: Sides, profiles: Profiles, views: Mapping[str, Views]) -> Profiles:
    """Return the profiles of those whose answers differ on some day: with the same terms nobody else's dues can.

    Expects: profiles that are the same before and after.
    Everyone's where the terms are others, where months are asked again from an anchor day, or units belong to others.
    """
    found = dict(profiles)
    concerned: dict[str, list[pl.Series]] = {}
    for code in sides.changed:
        before, after = sides.policies(code)
        if before is None or after is None or before.kind != after.kind or not _settles_alike(before, after):
            return profiles
        if Unit.of(sides.before.catalogue, after.kind).carried:
            return profiles
        days = _days_asked(sides, before, after)
        answered = [
            _on(view.stretches, days).with_columns(side=pl.lit(sign))
            for view, sign in zip(views[code], (-1, 1), strict=True)
        ]
        columns = [name for name in answered[0].columns if name not in {"side", "version"}]
        unlike = pl.concat(answered).group_by(columns).agg(pl.col("side").sum()).filter(pl.col("side") != 0)
        concerned.setdefault(after.kind, []).append(unlike["subject_id"].unique())
    for kind, units in concerned.items():
        found[kind] = profiles[kind].filter(pl.col("subject_id").is_in(pl.concat(units).unique().implode()))
    return found


def _on(stretches: pl.DataFrame, days: DayRange) -> pl.DataFrame:
    """Return the parts of stretches on some days."""
    held = stretches.filter((pl.col("day") <= days.last) & (pl.col("through") >= days.first))
    return held.with_columns(
        pl.max_horizontal("day", pl.lit(days.first)).alias("day"),
        pl.min_horizontal("through", pl.lit(days.last)).alias("through"),
    )


def _settles_alike(before: NightPolicy, after: NightPolicy) -> bool:
    versions = (before.current, after.current)
    are_measured = before.has_constant_measures or after.has_constant_measures
    return terms_alike(*versions) and not are_measured and not any(version.backdate for version in versions)


def reaches_back(sides: Sides) -> bool:
    """Say whether a day that the next night asks has another version, or other terms govern it."""
    for code in sides.changed:
        before, after = sides.policies(code)
        assert after is not None  # it is proposed
        if before is not None and before.current.fingerprint != after.current.fingerprint:
            return True
        days = _days_asked(sides, before, after)
        if stands_on(before, days, sides.before.known_at) != stands_on(after, days, sides.after.known_at):
            return True
    return False


def _days_asked(sides: Sides, before: NightPolicy | None, after: NightPolicy) -> DayRange:
    """Return every day that a night may ask on either side: with the change the policy may begin earlier."""
    other = sides.after.days_asked(after)
    one = other if before is None else sides.before.days_asked(before)
    return DayRange(min(one.first, other.first), max(one.last, other.last))


def _decided(present: Present, profiles: Profiles, progress: Progress) -> list[Decision]:
    earlier = discover(present.night, present, progress)
    decisions = []
    for policy in present.night.policies:
        progress(f"deciding {policy.current.written.title}")
        decisions.append(
            decide_policy(present, policy, profiles[policy.kind], earlier[policy.policy], tells_outcomes=False)
        )
    return decisions


def _nets_alike(sides: Sides) -> bool:
    """Say whether equal dues come to equal money on both sides."""
    before, after = (
        (bonds_of(night.policies), {each.policy: (each.terms.overpaid, each.terms.partial) for each in night.policies})
        for night in (sides.before, sides.after)
    )
    return before == after


_DUE = ("subject_id", "event", "period", "component", "at_least_fen", "at_most_fen", "is_open", "standing")


def _differing(before: Sequence[Decision], after: Sequence[Decision]) -> pl.Series:
    """Return who is due something else under any policy, or has something else measured."""
    sides = [
        rows.select(
            pl.lit(decision.policy.policy).alias("policy"),
            *_DUE,
            # A ceiling that is a number stands with the version, not with a period.
            pl.when(pl.lit(decision.policy.has_constant_measures)).then("version").alias("version"),
            pl.lit(sign).alias("side"),
        )
        for decisions, sign in ((before, -1), (after, 1))
        for decision in decisions
        for rows in (decision.dues, decision.measures)
    ]
    keys = ("policy", *_DUE, "version")
    unlike = pl.concat(sides).lazy().group_by(keys).agg(pl.col("side").sum()).filter(pl.col("side") != 0)
    return unlike.select(pl.col("subject_id").unique().sort()).collect()["subject_id"]


def _only(present: Present, subjects: pl.Series | None) -> Present:
    """Return the same night with the grants and positions of some subjects; None: of all."""
    if subjects is None:
        return present
    own = pl.col("subject_id").replace(dict(present.ids)).is_in(subjects.implode())
    night = present.night
    return Present(replace(night, grants=night.grants.filter(own), positions=night.positions.filter(own)))


def _of(decisions: Sequence[Decision], subjects: pl.Series | None) -> Sequence[Decision]:
    if subjects is None:
        return decisions
    own = pl.col("subject_id").is_in(subjects.implode())
    return [replace(each, dues=each.dues.filter(own), measures=each.measures.filter(own)) for each in decisions]


def _written(rx: Reading, present: Present, decisions: Sequence[Decision]) -> dict[str, LedgerEffect]:
    if not decisions:
        return {}
    comparison = compare(rx, present, decisions)
    return {each.policy.policy: _effect(comparison, each.policy.policy) for each in decisions}


def _effect(comparison: Comparison, policy: str) -> LedgerEffect:
    changes = comparison.ledger_changes
    units = comparison.units.filter(pl.col("policy") == policy)
    own = pl.concat([units["obligation_id"], units["former"].explode().drop_nulls()]).implode()
    items = changes.items.filter(pl.col("obligation_id").is_in(own))
    kinds = {
        kind: (count, int(fen or 0))
        for kind, count, fen in items.group_by("kind").agg(pl.len(), pl.col("amount_fen").sum()).iter_rows()
    }
    moved = changes.item_moves.filter(
        pl.col("obligation_id").is_in(own) & (pl.col("target") == ItemState.CANCELLED.value)
    )["item_id"]
    gone = set(moved)
    cancelled = [
        item.amount_fen for known in comparison.touched.values() for item in known.items if item.item_id in gone
    ]
    cases = changes.postings.filter((pl.col("account") == "case") & pl.col("obligation_id").is_in(own))
    return LedgerEffect(
        *kinds.get(ItemKind.REGULAR, (0, 0)),
        *kinds.get(ItemKind.ARREARS, (0, 0)),
        *kinds.get(ItemKind.TOP_UP, (0, 0)),
        len(cancelled),
        sum(cancelled),
        cases.filter(pl.col("after_fen") > pl.col("before_fen")).height,
        int((cases["after_fen"] - cases["before_fen"]).sum()),
    )
