"""Who receives what is due to a subject: itself, or whoever the rule names over a relation on the business date.

Nobody is paid by a guess: where nobody knows who receives, or two are named, the item stays open and is listed.
"""

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from core.days import DayRange
from delivery.payables import DuePayment
from engine.people import Present
from profiles.answering import Knowledge
from profiles.attribute_timelines import attribute_timelines
from profiles.owners import owner_timeline
from profiles.timeline import State, first_and_changes
from profiles.universe import Universe
from rules.netting_terms import relation_named
from rules.version import PayeeTerm


def with_receivers(present: Present, payments: Collection[DuePayment]) -> list[DuePayment]:
    """Put in `subject_id` of what is to be paid who receives it.

    Nulls: nobody may receive it now.
    """
    return [
        payment if payment.terms.payee is None else _received(present, payment, payment.terms.payee)
        for payment in payments
    ]


def _received(present: Present, payment: DuePayment, term: PayeeTerm) -> DuePayment:
    named = receivers(present, payment.payables["subject_id"], term)
    joined = payment.payables.join(named, on="subject_id", how="left", validate="m:1", maintain_order="left")
    columns = payment.payables.columns
    return replace(payment, payables=joined.with_columns(subject_id="receiver_id").select(columns))


def receivers(present: Present, subject_ids: pl.Series, term: PayeeTerm) -> pl.DataFrame:
    """Return who receives for each subject: `subject_id`, `receiver_id`.

    Source: the relation as known at the night's instant, on its business date. Who has surely nobody receives by
            itself where the rule says `otherwise: subject`.
    Nulls:  nobody may receive it now.
    """
    night = present.night
    relation = relation_named(night.catalogue, term.relation)
    assert relation is not None, "a version is bound to its catalogue"
    date = night.business_date
    knowledge = Knowledge(night.catalogue, night.loads, dict(present.ids), DayRange(date, date))
    universe = Universe.of_ids(subject_ids, dict(present.ids))
    timeline = owner_timeline(knowledge, relation, universe, attribute_timelines)
    said = timeline.at(first_and_changes(universe.count, date, []))
    own = pl.when(pl.col("state") == State.ABSENT.value).then("subject_id") if term.otherwise == "subject" else None
    by_relation = pl.col("value")
    found = universe.numbered.select("subject_id").hstack(said)
    return found.select("subject_id", receiver_id=by_relation if own is None else pl.coalesce(by_relation, own))
