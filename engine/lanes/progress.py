"""How far each grant has come before money: its acts, read in the order in which they were recorded.

A grant that was active once stays through, whatever a later version asks for: publicity and consent are for new grants.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from core.grant_steps import GRANT_STEPS
from core.ledger import Act, ActKind, GrantState
from rules.before_money import Step, steps_of
from rules.version import Lane, WrittenVersion

PROGRESS = pl.Schema(
    {"grant_id": pl.String(), "reached": pl.String(), "reply_through": pl.Date(), "is_through": pl.Boolean()}
)
"""Every grant of a policy: what it has reached, until when an answer is waited for, and whether it may be paid."""

_FIRST: Mapping[Lane, GrantState] = {Lane.CONFIRM: GrantState.OFFERED, Lane.GUIDED: GrantState.ASKED}
_AFTERWARDS = frozenset({ActKind.WAIVE, ActKind.REVOKE_WAIVER})  # they change what is due, not how far a grant has come
_ANEW = frozenset({ActKind.WITHDRAW, ActKind.RESTORE})

_HEIGHT: Mapping[GrantState, int] = {
    GrantState.PROPOSED: 0, GrantState.OFFERED: 0, GrantState.ASKED: 0, GrantState.LAPSED: 0,
    GrantState.CONFIRMED: 1, GrantState.ANSWERED: 1,
    GrantState.CHECKED: 2, GrantState.PUBLICISED: 2,
    GrantState.ACTIVE: 3,
}  # fmt: skip
"""How many steps lie behind each state; from the others, which a person decided, none leads to money."""

_NEEDED: Mapping[Step, int] = {Step.ANSWER: 1, Step.CHECK: 2, Step.PUBLICITY: 3}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one grant has come; the days are those of its last offer or question."""

    reached: GrantState
    offered_on: dt.date | None = None
    reply_through: dt.date | None = None
    reminded_on: dt.date | None = None

    def after(self, act: Act, first: GrantState) -> "Progress":
        """Return where an act leads; one that may not be done there changes nothing."""
        if act.kind in _ANEW:
            return Progress(first)
        target = None if act.kind in _AFTERWARDS else GRANT_STEPS.get(act.kind, {}).get(self.reached)
        if target is None:
            return self
        if act.kind is ActKind.LAPSE and self.reply_through is not None and act.acted_on <= self.reply_through:
            return self  # another offer of those merged still stands: what was promised last counts
        if act.kind in {ActKind.OFFER, ActKind.ASK}:
            return Progress(target, act.acted_on, act.through)
        if act.kind is ActKind.REMIND:
            return replace(self, reminded_on=act.acted_on)
        return replace(self, reached=target)


@dataclass(frozen=True)
class Coming:
    """How far the grants of one policy have come: all of them in a frame, and those that something has happened to.

    `acts` are what time alone does to them in this very night; they count already.
    """

    frame: pl.DataFrame = field(default_factory=PROGRESS.to_frame)
    by_grant: Mapping[str, Progress] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()


def first_state(written: WrittenVersion) -> GrantState:
    """Return where a grant begins that nothing has happened to."""
    return _FIRST.get(written.lane, GrantState.PROPOSED)


def progress_by_grant(written: WrittenVersion, acts: Iterable[Act]) -> dict[str, Progress]:
    """Return how far the grants have come that something has happened to.

    Expects: acts in the order in which they were recorded.
    """
    first = first_state(written)
    found: dict[str, Progress] = {}
    for act in acts:
        found[act.grant_id] = found.get(act.grant_id, Progress(first)).after(act, first)
    return found


def may_be_paid(written: WrittenVersion, reached: GrantState) -> bool:
    """Say whether a grant that has come so far, and was not active before, may make items.

    Source: `delivery` §10.3: those of lane automatic, and those confirmed or answered; the list checked, and the time of
            its publicity over, where the rule asks for it.
    """
    if written.lane is Lane.INFORM:
        return False
    needed = max((_NEEDED[step] for step in steps_of(written)), default=0)
    return _HEIGHT.get(reached, -1) >= needed


def progress_frame(written: WrittenVersion, grants: pl.DataFrame, progress: Mapping[str, Progress]) -> pl.DataFrame:
    """Return how far all grants of a policy have come: `PROGRESS`, in the order of the grants.

    Shape: `grant_id` and `was_active`, null of a new one.
    """
    first = first_state(written)
    rows = [
        (key, each.reached.value, each.reply_through, may_be_paid(written, each.reached))
        for key, each in progress.items()
    ]
    known = pl.DataFrame(rows, schema=PROGRESS, orient="row")
    stays = pl.col("was_active").fill_null(value=False) & pl.lit(written.lane is not Lane.INFORM)
    return (
        grants.select("grant_id", "was_active")
        .join(known, on="grant_id", how="left", validate="1:1", maintain_order="left")
        .select(
            "grant_id",
            pl.col("reached").fill_null(first.value),
            "reply_through",
            pl.col("is_through").fill_null(may_be_paid(written, first)) | stays,
        )
        .cast(PROGRESS)
    )
