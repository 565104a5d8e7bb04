"""Certificates that end soon made into notices: one for each certificate and end day, however many benefits rest on it."""

import datetime as dt
import json

import polars as pl

from core.ledger import Notice, NoticeKind
from delivery.notice_values import VARIABLES
from delivery.notices import notice_id
from delivery.period_words import day_words
from delivery.routes import Routes
from store.outbox import NOTICES

EXPIRIES = pl.Schema(
    {
        "subject_id": pl.String(),
        "subject_kind": pl.String(),
        "resource": pl.String(),
        "label": pl.String(),  # of the resource: what ends
        "office": pl.String(),  # whose it is
        "ends_on": pl.Date(),
        "title": pl.String(),  # of a policy that rests on it
        "remedy": pl.String(),  # of the criterion that will not be met
    }
)
"""What ends for whom, a row for each policy that rests on it and each remedy that it names."""

_SUBJECTS_ALIKE = ("subject_id", "subject_kind", "resource", "label", "office", "ends_on")
SEVERAL = ""  # the policy of a notice about a certificate: it is about all that rest on it


def expiry_notices(expiries: pl.DataFrame, business_date: dt.date, routes: Routes) -> pl.DataFrame:
    """Return the notices about certificates that end: `store.outbox.NOTICES`.

    Shape: one for each subject, certificate, end day and channel. The same certificate is told once, whichever night
           sees it; one that is renewed ends on another day.
    """
    told = (
        expiries.sort(*_SUBJECTS_ALIKE, "title", "remedy")
        .group_by(_SUBJECTS_ALIKE, maintain_order=True)
        .agg(pl.col("title").unique(maintain_order=True), pl.col("remedy").unique(maintain_order=True))
        .join(routes.frame(expiries["subject_kind"]), on="subject_kind", how="inner", validate="m:m")
    )
    kind = NoticeKind.EXPIRING
    rows = [
        {
            "notice_id": notice_id(event, row["subject_id"], SEVERAL, kind, row["channel"]),
            "subject_id": row["subject_id"],
            "policy": SEVERAL,
            "kind": kind.value,
            "channel": row["channel"],
            "event": event,
            "business_date": business_date,
            "values": json.dumps(_values(row), ensure_ascii=False),
        }
        for row in told.iter_rows(named=True)
        for event in (f"expiry {row['resource']} {row['ends_on']}",)
    ]
    return pl.DataFrame(rows, schema=NOTICES).sort("notice_id")


def end_day(notice: Notice) -> dt.date:
    """Return the day on which ends what a notice is about.

    Expects: a notice of `expiry_notices`.
    """
    assert notice.kind is NoticeKind.EXPIRING
    return dt.date.fromisoformat(notice.event.rpartition(" ")[2])


def _values(row: dict[str, object]) -> list[tuple[str, str]]:
    ends_on, titles, remedies = row["ends_on"], row["title"], row["remedy"]
    assert isinstance(ends_on, dt.date)
    assert isinstance(titles, list)
    assert isinstance(remedies, list)
    values = {
        "title": str(row["label"]),
        "owner": str(row["office"]),
        "contact": str(row["office"]),
        "expires_on": day_words(ends_on),
        "benefits": "、".join(titles),
        "remedy": "；".join(remedies),
    }
    return [(name, values[name]) for name in VARIABLES[NoticeKind.EXPIRING]]
