"""Which changes are told to whom: at most one notice per subject, policy and change.

Pure: the night gives its changes, the outbox keeps the notices in the same transaction. Nothing here
knows a name or an address; these are added when the notice is delivered.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.days import FIRST_DAY
from core.ids import derive_id
from core.ledger import Notice, NoticeKind
from delivery.benefit_words import confirmation_words, is_paid, payment_words
from delivery.period_words import LEFT_TO_THE_POLICY, day_words, event_words, since_words, standard_words

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


@dataclass(frozen=True, slots=True)
class GrantChange:
    """What became different in one night for one grant in one period.

    Units: fen, over all components of the grant. `amount_fen` is what is due for the period, None where
           it is not known yet; `before_fen` what was due; `payable_fen` what the night's items add up to.
    `event` says what kind of event it is about, `event_day` which one; empty where the subject decides for itself.
    `reasons` say why: conditions that no longer hold (ended), facts that are missing (held), questions (asked).
    `benefit` is the kind that the rule names: only money has a pay day and an account.
    """

    kind: NoticeKind
    grant_id: str
    subject_id: str
    policy: str
    title: str
    owner: str
    period: str
    amount_fen: int | None = None
    before_fen: int = 0
    payable_fen: int = 0
    reasons: tuple[str, ...] = ()
    reply_through: dt.date | None = None
    benefit: str = "cash"
    event: str = ""
    event_day: dt.date | None = None

    def __post_init__(self) -> None:
        """Refuse an adverse change, or a question, that gives no reason."""
        assert self.reasons or self.kind not in _WITH_REASONS, f"`{self.kind.value}` without a reason"


def notices_for(changes: Iterable[GrantChange], business_date: dt.date) -> list[Notice]:
    """Return the notices of a night, by subject, policy and kind.

    Shape:   one per subject, policy and kind of change; several periods or events are told together. The
             order of input does not matter, and the same night gives the same ids again.
    """
    together: defaultdict[tuple[str, str, NoticeKind], set[GrantChange]] = defaultdict(set)
    for change in _telling(changes):
        together[change.subject_id, change.policy, change.kind].add(change)
    return [
        Notice(
            notice_id=derive_id("n", subject_id, policy, kind, business_date.isoformat()),
            subject_id=subject_id,
            policy=policy,
            kind=kind,
            business_date=business_date,
            values=_values(kind, sorted(same, key=_order)),
        )
        for (subject_id, policy, kind), same in sorted(together.items())
    ]


def _telling(changes: Iterable[GrantChange]) -> list[GrantChange]:
    """Leave out what another change of the same grant says already."""
    every = list(changes)
    kinds: defaultdict[str, set[NoticeKind]] = defaultdict(set)
    for change in every:
        kinds[change.grant_id].add(change.kind)
    return [each for each in every if not _ABSORBED_BY.get(each.kind, frozenset()) & kinds[each.grant_id]]


def _values(kind: NoticeKind, changes: Sequence[GrantChange]) -> tuple[tuple[str, str], ...]:
    """Return what the template shows: amounts of the newest period, payments and reasons of all."""
    first, newest = changes[0], changes[-1]
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
    return tuple((name, value) for name, value in values.items() if name in VARIABLES[kind])


def _standard(change: GrantChange, amount_fen: int | None) -> str:
    """Return the standard; a benefit that is not paid and has no amount is as the policy says."""
    if amount_fen == 0 and not is_paid(change.benefit):
        return LEFT_TO_THE_POLICY
    return standard_words(amount_fen, change.period)


def _title(title: str, changes: Sequence[GrantChange]) -> str:
    """Return what is told about, with the events that it is for."""
    named = list(dict.fromkeys(event_words(each.event, each.event_day) for each in changes if each.event))
    if not named:
        return title
    rest = f"等{len(named)}项" if len(named) > EVENTS_SHOWN_MAX else ""
    return f"{title}（{'、'.join(named[:EVENTS_SHOWN_MAX])}{rest}）"


def _order(change: GrantChange) -> tuple[str, dt.date, str, tuple[str, ...]]:
    return (change.period, change.event_day or FIRST_DAY, change.grant_id, change.reasons)
