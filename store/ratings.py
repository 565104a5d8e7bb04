"""How satisfied people were, once for each payment, claim or grievance."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

import polars as pl
import sqlalchemy as sa

from core.ledger import HAD, ItemState
from store.audit import record
from store.items import changed_in_between
from store.opening import Reading, Writing
from store.rows import insert_rows, read_frame
from store.states.cases import LIVE_CASE
from store.states.grievances import UNDECIDED_GRIEVANCE, GrievanceKind
from store.tables import GrantRow, GrievanceRow, ItemRow, ObligationRow, OverpaymentCase, RatingRow, table_of

_RATING = table_of(RatingRow)
_GRANT = table_of(GrantRow)
_OBLIGATION = table_of(ObligationRow)
_ITEM = table_of(ItemRow)
_CASE = table_of(OverpaymentCase)
_GRIEVANCE = table_of(GrievanceRow)


@dataclass(frozen=True, slots=True)
class Rating:
    """What somebody said of a payment, a claim or a grievance; `grievance_id` is what it opened."""

    rating_id: str
    subject_id: str
    policy: str
    about: str
    stars: int
    rated_at: dt.datetime
    rated_by: str
    grievance_id: str | None


@dataclass(frozen=True, slots=True)
class Rated:
    """Whose a payment, a claim or a grievance is; it can be rated once it `is_over`."""

    subject_id: str | None
    policy: str | None
    is_over: bool


def rated_about(rx: Reading, about: str) -> Rated | None:
    """Return what an id stands for, or None."""
    of_obligation = sa.and_(_OBLIGATION.c.grant_id == _GRANT.c.grant_id)
    named = (_GRANT.c.subject_id, _GRANT.c.policy)
    item = (
        sa.select(*named, _ITEM.c.state)
        .join_from(_ITEM, _OBLIGATION, _ITEM.c.obligation_id == _OBLIGATION.c.obligation_id)
        .join(_GRANT, of_obligation)
        .where(_ITEM.c.item_id == about)
    )
    case = (
        sa.select(*named, _CASE.c.state)
        .join_from(_CASE, _OBLIGATION, _CASE.c.obligation_id == _OBLIGATION.c.obligation_id)
        .join(_GRANT, of_obligation)
        .where(_CASE.c.case_id == about)
    )
    grievance = sa.select(_GRIEVANCE.c.subject_id, _GRIEVANCE.c.policy, _GRIEVANCE.c.state).where(
        _GRIEVANCE.c.grievance_id == about,
        _GRIEVANCE.c.kind != GrievanceKind.REPORT,  # whom it is about did not come with it
    )
    not_over: Sequence[tuple[sa.Select[tuple[str, str, str]], frozenset[str]]] = (
        (item, frozenset(ItemState) - HAD),
        (case, frozenset(LIVE_CASE)),
        (grievance, frozenset(UNDECIDED_GRIEVANCE)),
    )
    for chosen, before_its_end in not_over:
        row = rx.connection.execute(chosen).one_or_none()
        if row is not None:
            return Rated(row.subject_id, row.policy, row.state not in before_its_end)
    return None


def is_rated(rx: Reading, subject_id: str, about: str) -> bool:
    """Say whether somebody rated something already."""
    own = (_RATING.c.subject_id == subject_id, _RATING.c.about == about)
    return bool(rx.connection.scalar(sa.select(sa.func.count()).where(*own)))


def rated_by(rx: Reading, subject_id: str) -> frozenset[str]:
    """Return what somebody rated already, by id."""
    return frozenset(rx.connection.scalars(sa.select(_RATING.c.about).where(_RATING.c.subject_id == subject_id)))


def add_rating(tx: Writing, rating: Rating) -> None:
    """Keep a rating.

    Fails: RefusedError where it was rated in between.
    """
    record(tx, "rating.given", by=rating.rated_by, about=rating.about, said={"stars": rating.stars})
    try:
        with tx.connection.begin_nested():
            insert_rows(tx, RatingRow, [asdict(rating)])
    except sa.exc.IntegrityError:
        raise changed_in_between() from None


def read_ratings(rx: Reading) -> pl.DataFrame:
    """Return every rating, as it was given: the fields of `Rating`."""
    columns = (_RATING.c[each.name] for each in fields(Rating))
    return read_frame(rx, sa.select(*columns).order_by(_RATING.c.rated_at, _RATING.c.rating_id))
