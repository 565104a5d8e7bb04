"""What the ledger holds for one subject, by policy and event: grants, payments, claims and open questions.

It covers all ids that the subject ever went by. What follows from it stands in `engine.explaining.checkup`.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.clock import civil_day
from core.ledger import ActKind, Grant, GrantState, ItemState
from delivery.period_words import period_words
from engine.explaining.state_words import ITEM_KIND_WORDS, ITEM_STATE_WORDS
from store.cases import Claim, claims_on
from store.grants import acts_on, grants_held
from store.merges import Canon, same_subject
from store.opening import Reading
from store.questions import asked_policies
from store.statements import StatedItem, read_statement
from store.suspensions import suspended_policies

What = tuple[str, str]  # a policy, and the event that is decided or `""`

WAITING = frozenset({GrantState.OFFERED, GrantState.ASKED})
"""Grants that wait for the subject's word."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One payment as its receiver reads it.

    `pay_day` is that of the batch that carries it; `changed_on` the day on which it came to its state.
    """

    item_id: str
    period: str
    component: str
    amount_fen: int
    kind: str
    state: ItemState
    state_words: str
    opened_on: dt.date
    changed_on: dt.date
    pay_day: dt.date | None

    @property
    def held_back(self) -> "StatementLine":
        """Return it as a suspended policy has it: what has not gone out waits, whether or not a night has said so yet."""
        waits = self.state in {ItemState.OPEN, ItemState.IN_BATCH}
        return replace(self, state_words=ITEM_STATE_WORDS[ItemState.ON_HOLD], pay_day=None) if waits else self


@dataclass(frozen=True, slots=True)
class Held:
    """What the ledger holds of one policy, or of one event under it; nothing, as of most policies.

    `reply_through` is the last day for a word that is waited for; `claimed_fen` what open overpayment cases claim back.
    """

    grant: Grant | None = None
    reply_through: dt.date | None = None
    lines: tuple[StatementLine, ...] = ()
    claimed_fen: int = 0


NOTHING = Held()


@dataclass(frozen=True, slots=True)
class Books:
    """What the ledger holds for one subject; `asked` are the policies with an open question."""

    ids: tuple[str, ...]
    held: Mapping[What, Held]
    claims: Sequence[Claim]
    asked: frozenset[str]

    @classmethod
    def read(cls, rx: Reading, subject_id: str) -> "Books":
        """Return everything of a subject, as it stands."""
        ids = same_subject(rx, subject_id)
        # Of merged subjects the grant under the id that stands, here the last, is the one that nights go on with.
        grants = sorted(grants_held(rx, ids), key=lambda each: (each.subject_id == subject_id, each.grant_id))
        items, claims = read_statement(rx, ids), claims_on(rx, ids)
        events = [*(each.event for each in grants), *(each.event for each in items), *(each.event for each in claims)]
        canon = Canon.around(rx, events)
        by_what: dict[What, Grant] = {(each.policy, canon.of(each.event)): each for each in grants}
        lines = _lines(items, canon)
        claimed: defaultdict[What, int] = defaultdict(int)
        for claim in claims:
            claimed[claim.policy, canon.of(claim.event)] += claim.amount_fen
        reply_by = _reply_by(rx, grants)
        held = {
            what: Held(
                grant := by_what.get(what),
                reply_by.get(grant.grant_id) if grant else None,
                tuple(lines.get(what, ())),
                claimed.get(what, 0),
            )
            for what in {**by_what, **lines, **claimed}
        }
        return cls(ids, held, claims, asked_policies(rx, ids))

    def of(self, policy: str, event: str) -> Held:
        """Return what there is of a policy, or of an event under it."""
        return self.held.get((policy, event), NOTHING)

    def granted(self, policy: str) -> set[str]:
        """Return the events for which a grant under a policy was ever made; `""` for the subject itself."""
        return {event for (code, event), held in self.held.items() if code == policy and held.grant is not None}


def statement_of(rx: Reading, subject_id: str) -> Mapping[str, tuple[StatementLine, ...]]:
    """Return every payment of a subject by policy, as its checkup shows them: no rule is asked for them."""
    stopped = suspended_policies(rx, on=civil_day(rx.now))
    items = read_statement(rx, same_subject(rx, subject_id))
    canon = Canon.around(rx, {each.event for each in items})
    found: dict[str, tuple[StatementLine, ...]] = {}
    for (policy, _), lines in _lines(items, canon).items():
        told = (each.held_back for each in lines) if policy in stopped else lines
        found[policy] = (*found.get(policy, ()), *told)
    return found


def _lines(items: Iterable[StatedItem], canon: Canon) -> dict[What, list[StatementLine]]:
    found: dict[What, list[StatementLine]] = {}
    for item in items:
        found.setdefault((item.policy, canon.of(item.event)), []).append(_line(item))
    return found


def _reply_by(rx: Reading, grants: Sequence[Grant]) -> Mapping[str, dt.date | None]:
    """Return until when the last offer or question of each waiting grant is to be answered."""
    waiting = [each.grant_id for each in grants if each.state in WAITING]
    acts = acts_on(rx, waiting) if waiting else []
    return {act.grant_id: act.through for act in acts if act.kind in {ActKind.OFFER, ActKind.ASK}}


def _line(item: StatedItem) -> StatementLine:
    return StatementLine(
        item_id=item.item_id,
        period=period_words(item.period),
        component=item.component,
        amount_fen=item.amount_fen,
        kind=ITEM_KIND_WORDS[item.kind],
        state=item.state,
        state_words=ITEM_STATE_WORDS[item.state],
        opened_on=civil_day(item.opened_at),
        changed_on=civil_day(item.changed_at),
        pay_day=item.pay_day,
    )
