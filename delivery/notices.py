"""What is told to whom: of each event one notice per subject, policy, kind and channel.

A night's changes become notices as frames, without the store; whatever else somebody is told is planned in the
transaction of what it tells about. Nothing here knows a name or an address; these are added on the way.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.ids import derive_id
from core.ledger import NoticeKind
from delivery.benefit_words import confirmation_words, is_paid, payment_words
from delivery.notice_values import VARIABLES, WITH_REASONS, check_values
from delivery.period_words import LEFT_TO_THE_POLICY, day_words, event_words, since_words, standard_words
from delivery.routes import Routes
from store.opening import Writing
from store.outbox import NOTICES, add_notices
from store.vault_openings import kinds_of

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

OF_NIGHTS = (
    NoticeKind.STARTED,
    NoticeKind.AMOUNT_CHANGED,
    NoticeKind.ENDED,
    NoticeKind.HELD,
    NoticeKind.OFFERED,
    NoticeKind.ASKED,
    NoticeKind.REMINDED,
    NoticeKind.LAPSED,
    NoticeKind.INFORMED,
)
"""What a night's changes are told as."""

EVENTS_SHOWN_MAX = 5

CHANGES = pl.Schema(
    {
        "kind": pl.String(),  # a `NoticeKind`
        "grant_id": pl.String(),
        "subject_id": pl.String(),
        "subject_kind": pl.String(),
        "policy": pl.String(),
        "title": pl.String(),
        "owner": pl.String(),
        "contact": pl.String(),
        "why": pl.String(),
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
`why` names the conditions that are met, in the officer's words. `reasons` say why not: conditions that no longer hold
(ended), facts that are missing (held), questions (asked). `contact` is whom one asks. `benefit` is the kind that the rule
names: only money has a pay day and an account.
"""


@dataclass(frozen=True, slots=True)
class Content:
    """What a change says, whoever it is told: the columns of `CHANGES` without grant and subject."""

    kind: NoticeKind
    policy: str
    title: str
    owner: str
    contact: str
    why: str
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


@dataclass(frozen=True, slots=True)
class Telling:
    """Something that one subject is told, outside a night's changes.

    `event` names what it tells about by word and id: `case c_…`, `payment p_…`. The same event is told once, however
    often it is planned. `values` are the words of its kind: `delivery.notice_values.VARIABLES`.
    """

    kind: NoticeKind
    subject_id: str
    policy: str
    event: str
    on: dt.date
    values: Mapping[str, str]


TOLD = pl.Schema({name: of for name, of in NOTICES.items() if name not in {"notice_id", "channel"}})
"""What subjects are told, before it has a channel; `values` by `told_values`."""

_KEY = ("event", "subject_id", "policy", "kind", "channel")


def plan_notices(tx: Writing, routes: Routes, tellings: Iterable[Telling]) -> int:
    """Put what subjects are told into the outbox, once for each channel of theirs; return how many rows are new.

    Belongs into the transaction of what it tells about: both are kept, or neither.
    Fails: DeliveryError where a telling lacks a word of its kind.
    """
    rows = []
    for each in tellings:
        check_values(each.kind, each.values, each.event)
        values = told_values(each.kind, each.values)
        rows.append((each.subject_id, each.policy, each.kind.value, each.event, each.on, values))
    return plan_told(tx, routes, pl.DataFrame(rows, schema=TOLD, orient="row"))


def plan_told(tx: Writing, routes: Routes, told: pl.DataFrame) -> int:
    """Put what subjects are told into the outbox, as `plan_notices`, however many they are.

    Shape:   `TOLD`.
    Expects: subjects of the vault; `values` have every word of the kind.
    """
    kinds = kinds_of(tx, told["subject_id"])
    letters = told.join(kinds, on="subject_id", how="left", validate="m:1", maintain_order="left").join(
        routes.frame(kinds["subject_kind"]), on="subject_kind", how="left", validate="m:m", maintain_order="left"
    )
    assert not letters["channel"].has_nulls(), "somebody is told whom the vault does not know"
    ids = [notice_id(*key) for key in letters.select(*_KEY).iter_rows()]
    new = letters.with_columns(pl.Series("notice_id", ids, dtype=pl.String)).select(NOTICES.names())
    return add_notices(tx, new.unique("notice_id", maintain_order=True), run_id=None)


def told_values(kind: NoticeKind, values: Mapping[str, str]) -> str:
    """Return the words of a kind as the outbox keeps them."""
    return json.dumps([(name, values[name]) for name in VARIABLES[kind]], ensure_ascii=False)


def notice_id(event: str, subject_id: str, policy: str, kind: str, channel: str) -> str:
    """Return the id of the one notice about an event to a subject over a channel.

    INVARIANT: it is the primary key of the outbox; what is planned again is there already.
    """
    return derive_id("n", event, subject_id, policy, kind, channel)


def notices_for(changes: pl.DataFrame, business_date: dt.date, routes: Routes) -> pl.DataFrame:
    """Return the notices of a night, by subject, policy, kind and channel.

    Shape:   `CHANGES` in, `store.outbox.NOTICES` out: one per subject, policy, kind of change and channel; several
             periods or events are told together. The order of input does not matter, and the same night gives the same
             ids again.
    """
    adverse = changes.filter(pl.col("kind").is_in(sorted(WITH_REASONS)), pl.col("reasons").list.len() == 0)
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
        .agg(pl.col("subject_kind").first(), contents=pl.col("content").cast(pl.String))
        .with_columns(pl.col("contents").list.join(" "))
        .join(routes.frame(telling["subject_kind"]), on="subject_kind", how="inner", validate="m:m")
        .sort(*_TOLD_TOGETHER, "channel")
    )
    values = {
        said: json.dumps(_values([records[int(number)] for number in said.split()]), ensure_ascii=False)
        for said in letters["contents"].unique()
    }
    event = f"night {business_date.isoformat()}"
    ids = [notice_id(event, *key) for key in letters.select(*_TOLD_TOGETHER, "channel").iter_rows()]
    return letters.select(
        pl.Series("notice_id", ids, dtype=pl.String),
        *_TOLD_TOGETHER,
        "channel",
        event=pl.lit(event),
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
        "contact": newest.contact,
        "why": newest.why,
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
