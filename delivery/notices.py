"""Which changes are told to whom: at most one notice per subject, policy and change.

Pure: the night gives its changes, the outbox keeps the notices in the same transaction. Nothing here
knows a name or an address; these are added when the notice is delivered.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.ids import derive_id
from core.ledger import NoticeKind
from delivery.benefit_words import confirmation_words, is_paid, payment_words
from delivery.period_words import LEFT_TO_THE_POLICY, day_words, event_words, since_words, standard_words
from store.outbox import NOTICES

VARIABLES: dict[NoticeKind, tuple[str, ...]] = {
    NoticeKind.STARTED: ("title", "owner", "since", "standard", "payment"),
    NoticeKind.AMOUNT_CHANGED: ("title", "owner", "since", "before", "standard", "payment"),
    NoticeKind.ENDED: ("title", "owner", "since", "reasons"),
    NoticeKind.HELD: ("title", "owner", "since", "reasons"),
    NoticeKind.OFFERED: ("title", "owner", "standard", "confirmed", "reply_by"),
    NoticeKind.ASKED: ("title", "owner", "standard", "reasons", "reply_by"),
    NoticeKind.INFORMED: ("title", "owner", "standard"),
}
"""What a notice of each kind carries, so what its template may show beside the recipient."""

_ABSORBED_BY: dict[NoticeKind, frozenset[NoticeKind]] = {
    NoticeKind.AMOUNT_CHANGED: frozenset({NoticeKind.STARTED, NoticeKind.ENDED}),
    NoticeKind.HELD: frozenset({NoticeKind.ENDED}),
    NoticeKind.OFFERED: frozenset({NoticeKind.STARTED}),
    NoticeKind.ASKED: frozenset({NoticeKind.STARTED}),
    NoticeKind.INFORMED: frozenset({NoticeKind.STARTED, NoticeKind.OFFERED, NoticeKind.ASKED}),
}
"""Of one grant in one night, the second kind says all that the first would."""

_WITHOUT_BEGINNING: Mapping[NoticeKind, str] = {NoticeKind.STARTED: "一次性"}
"""What stands for 自2025年7月起 where a benefit has no periods."""

EVENTS_SHOWN_MAX = 5

_WITH_REASONS = frozenset({kind for kind, names in VARIABLES.items() if "reasons" in names})


CHANGES = pl.Schema(
    {
        "kind": pl.String(),  # a `NoticeKind`
        "grant_id": pl.String(),
        "subject_id": pl.String(),
        "policy": pl.String(),
        "title": pl.String(),
        "owner": pl.String(),
        "period": pl.String(),
        "amount_fen": pl.Int64(),  # null: not known yet
        "before_fen": pl.Int64(),
        "payable_fen": pl.Int64(),
        "reasons": pl.List(pl.String()),
        "reply_through": pl.Date(),  # null: no day is set
        "benefit": pl.String(),
        "event": pl.String(),
        "event_day": pl.Date(),
    }
)
"""What became different in one night, one row per grant and period.

Units: fen, over all components of the grant. `amount_fen` is what is due for the period, `before_fen` what was due,
       `payable_fen` what the night's items add up to.
`event` says what kind of event it is about, `event_day` which one; empty and null where the subject decides for itself.
`reasons` say why: conditions that no longer hold (ended), facts that are missing (held), questions (asked). `benefit` is
the kind that the rule names: only money has a pay day and an account.
"""


@dataclass(frozen=True, slots=True)
class Content:
    """What a change says, whoever it is told: the columns of `CHANGES` without grant and subject."""

    kind: NoticeKind
    policy: str
    title: str
    owner: str
    period: str
    amount_fen: int | None
    before_fen: int
    payable_fen: int
    reasons: tuple[str, ...]
    reply_through: dt.date | None
    benefit: str
    event: str
    event_day: dt.date | None


_CONTENT = tuple(Content.__dataclass_fields__)
_TOLD_TOGETHER = ("subject_id", "policy", "kind")


def notices_for(changes: pl.DataFrame, business_date: dt.date) -> pl.DataFrame:
    """Return the notices of a night, by subject, policy and kind.

    Shape:   `CHANGES` in, `store.outbox.NOTICES` out: one per subject, policy and kind of change; several periods or
             events are told together. The order of input does not matter, and the same night gives the same ids again.
    """
    adverse = changes.filter(pl.col("kind").is_in(sorted(_WITH_REASONS)), pl.col("reasons").list.len() == 0)
    assert adverse.is_empty(), f"`{adverse['kind'][0]}` without a reason"
    telling = _telling(changes).unique().with_columns(reasons_key=pl.col("reasons").list.join("\x1f"))
    # A night has many letters and few things to say: words are made once for each.
    keys = [name for name in _CONTENT if name != "reasons"] + ["reasons_key"]
    contents = telling.unique(keys).sort(keys).with_row_index("content")
    records = [
        Content(**row | {"kind": NoticeKind(row["kind"]), "reasons": tuple(row["reasons"])})
        for row in contents.select(_CONTENT).iter_rows(named=True)
    ]
    letters = (
        telling.join(contents.select("content", *keys), on=keys, nulls_equal=True, validate="m:1")
        .sort("period", "event_day", "grant_id", "content")
        .group_by(_TOLD_TOGETHER, maintain_order=True)
        .agg(contents=pl.col("content").cast(pl.String))
        .with_columns(pl.col("contents").list.join(" "))
        .sort(_TOLD_TOGETHER)
    )
    values = {
        said: json.dumps(_values([records[int(number)] for number in said.split()]), ensure_ascii=False)
        for said in letters["contents"].unique()
    }
    day = business_date.isoformat()
    ids = [derive_id("n", *key, day) for key in letters.select(_TOLD_TOGETHER).iter_rows()]
    return letters.select(
        pl.Series("notice_id", ids, dtype=pl.String),
        *_TOLD_TOGETHER,
        business_date=pl.lit(business_date),
        values=pl.col("contents").replace_strict(values, return_dtype=pl.String),
    ).select(NOTICES.names())


def _telling(changes: pl.DataFrame) -> pl.DataFrame:
    """Leave out what another change of the same grant says already."""
    pairs = [(kind, more) for kind, absorbing in _ABSORBED_BY.items() for more in sorted(absorbing)]
    absorbed = pl.DataFrame(pairs, schema={"kind": pl.String, "more": pl.String}, orient="row")
    other = changes.select("grant_id", more="kind").unique().join(absorbed, on="more")
    return changes.join(other, on=["grant_id", "kind"], how="anti")


def _values(changes: Sequence[Content]) -> list[tuple[str, str]]:
    """Return what the template shows: amounts of the newest period, payments and reasons of all."""
    first, newest = changes[0], changes[-1]
    kind = newest.kind
    current = [each for each in changes if each.period == newest.period]
    amounts = [each.amount_fen for each in current]
    amount_fen = None if None in amounts else sum(amount for amount in amounts if amount is not None)
    replies = [each.reply_through for each in changes if each.reply_through is not None]
    values: dict[str, str] = {
        "title": _title(newest.title, changes),
        "owner": newest.owner,
        "since": since_words(first.period, otherwise=_WITHOUT_BEGINNING.get(kind, "目前")),
        "standard": _standard(newest, amount_fen),
        "before": standard_words(sum(each.before_fen for each in current), newest.period),
        "payment": payment_words(
            newest.benefit, sum(each.payable_fen for each in changes), amount_fen, owner=newest.owner
        ),
        "confirmed": confirmation_words(newest.benefit),
        "reasons": "、".join(dict.fromkeys(reason for each in changes for reason in each.reasons)),
        "reply_by": f"{day_words(min(replies))}前（含当日）" if replies else "本事项有效期内",
    }
    return [(name, value) for name, value in values.items() if name in VARIABLES[kind]]


def _standard(change: Content, amount_fen: int | None) -> str:
    """Return the standard; a benefit that is not paid and has no amount is as the policy says."""
    if amount_fen == 0 and not is_paid(change.benefit):
        return LEFT_TO_THE_POLICY
    return standard_words(amount_fen, change.period)


def _title(title: str, changes: Sequence[Content]) -> str:
    """Return what is told about, with the events that it is for."""
    named = list(dict.fromkeys(event_words(each.event, each.event_day) for each in changes if each.event))
    if not named:
        return title
    rest = f"等{len(named)}项" if len(named) > EVENTS_SHOWN_MAX else ""
    return f"{title}（{'、'.join(named[:EVENTS_SHOWN_MAX])}{rest}）"
