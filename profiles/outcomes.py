"""What a policy comes to for a subject, as a fact for others: decided by whoever can decide, read like any fact."""

from typing import Protocol

import polars as pl

from core.days import DayRange
from profiles.catalogue import Attribute
from profiles.day_keys import day_no, day_numbers, key_of
from profiles.spans import nothing_said
from profiles.timeline import STATE, Default, State, Timeline, coalesce
from profiles.universe import Universe


class Outcomes(Protocol):
    """Decides policies for subjects, as known at an instant."""

    def stretches(self, policy: str, subject_ids: pl.Series, days: DayRange) -> pl.DataFrame | None:
        """Return on which days subjects are met; None where no such policy is published for them.

        Shape: `subject_id`, `day`, `through`, `met`; stretches apart; those that are not met may be left out.
        Nulls: `met` null is unknown.
        """


def outcome_timeline(outcomes: Outcomes | None, attribute: Attribute, universe: Universe, days: DayRange) -> Timeline:
    """Return whether each subject of a universe is met by the policy that an attribute names."""
    assert attribute.outcome_of is not None, "only attributes that are outcomes come here"
    said = None if outcomes is None else outcomes.stretches(attribute.outcome_of, universe.ids, days)
    if said is None:
        return nothing_said(days, pl.Boolean())
    state = pl.when(pl.col("met").is_null()).then(State.SILENT.value).otherwise(State.KNOWN.value)
    spans = universe.number(said).select(
        key=key_of(pl.col("subject_no"), day_numbers(pl.col("day"))),
        end_key=key_of(pl.col("subject_no"), day_numbers(pl.col("through"))),
        value="met",
        state=state.cast(STATE),
    )
    return Timeline(days, coalesce(spans.sort("key")), (Default(day_no(days.first), State.KNOWN, value=False),))
