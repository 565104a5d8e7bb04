"""Sends what the outbox holds, some hundred notices at a time: claimed together, written, sent, and marked.

A message that would arrive twice if it were sent twice is begun in a transaction of its own before it is handed over,
and ended in that of the next one. A process that dies leaves one message in doubt, at most; nobody sends it again but
a person. Where a channel takes a message twice without harm, what it did with many is written down together.
"""

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import polars as pl

from core.clock import civil_day
from core.errors import DeliveryError
from core.ledger import NoticeKind
from delivery.attempts import judge
from delivery.channels import Channel, Envelope, Outcome, Sent
from delivery.codes import DeliveryCode
from delivery.contacts import Contact, ContactBook
from delivery.dispatch_report import DispatchReport
from delivery.messages import Message, compose
from delivery.notice_templates import Template
from store.attempts import (
    Attempt,
    Claim,
    Ended,
    Said,
    begin_attempts,
    claim_notices,
    end_attempts,
    end_lapsed,
    let_go,
)
from store.opening import Store
from store.outbox import count_notices
from store.states import NoticeState
from store.suspensions import suspended_policies

LEASE = dt.timedelta(minutes=15)  # far longer than any channel's timeout: who holds it that long is gone
CHUNK = 500  # claimed, and opened in the vault, together: the cost of three transactions is shared by so many


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is ready to go over a channel."""

    attempt: Attempt
    channel: Channel
    address: str = field(repr=False)
    message: Message

    @property
    def said(self) -> Said:
        """Return what the outbox keeps of it."""
        return Said(self.channel.name, self.message.template_id, self.message.digest)

    def envelope(self, sent_at: dt.datetime) -> Envelope:
        """Return it as the channel takes it."""
        return Envelope(self.attempt.notice.notice_id, self.attempt.reference, self.address, self.message, sent_at)


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Everything that sending needs.

    `channels` come in order of preference; `holder` names this process, `is_dead` says of another one whether it is
    known to be gone.
    """

    store: Store
    contacts: ContactBook
    channels: Sequence[Channel]
    templates: Mapping[NoticeKind, Template]
    holder: str
    is_dead: Callable[[str], bool]

    def dispatch(self, limit: int) -> DispatchReport:
        """Send up to so many messages, once each.

        A message without an address is left to the recipient's own page. One that cannot be written is given up
        and listed. What a suspended policy has to tell waits until it goes on. Where a channel fails again and again,
        the rest waits: no other takes over what it should carry.
        """
        report = DispatchReport()
        self._look_back(report)
        with ExitStack() as kept_open:
            for channel in self.channels:
                kept_open.callback(channel.close)
            while limit > 0 and all(report.is_up(channel.name) for channel in self.channels):
                with self.store.writing() as tx:
                    stopped = suspended_policies(tx, on=civil_day(tx.now))
                    claim = claim_notices(
                        tx, holder=self.holder, lease=LEASE, count_max=min(limit, CHUNK), without=stopped
                    )
                if not claim.attempts:
                    break
                limit -= len(claim.attempts)
                self._tell(claim, report)
        return report

    def _look_back(self, report: DispatchReport) -> None:
        """Take over from dispatchers that are gone, and list what is in doubt."""
        with self.store.writing() as tx:
            end_lapsed(tx, self.is_dead)
            counts = count_notices(tx).filter(pl.col("state") == NoticeState.UNKNOWN.value)
        report.note(DeliveryCode.IN_DOUBT, count=int(counts["count"].sum()))

    def _tell(self, claim: Claim, report: DispatchReport) -> None:
        """Take claimed notices to their end: sent or not, the state of each is marked."""
        letters = self._write(claim, report)
        for channel in self.channels:
            own = [letter for letter in letters if letter.channel is channel]
            if own and channel.is_repeatable:
                self._send_together(claim, own, report)
            elif own:
                self._send_one_by_one(claim, own, report)

    def _write(self, claim: Claim, report: DispatchReport) -> list[Letter]:
        """Return the letters of claimed notices; those that cannot be sent at all are let go."""
        contacts = self.contacts.contacts({attempt.notice.subject_id for attempt in claim.attempts})
        letters = []
        unsent: defaultdict[tuple[NoticeState, str], list[Attempt]] = defaultdict(list)
        for attempt in claim.attempts:
            try:
                letter = self._letter(attempt, contacts.get(attempt.notice.subject_id))
            except DeliveryError as error:
                unsent[NoticeState.DEAD, error.findings[0].code.value].append(attempt)
                report.unwritten += error.findings
                continue
            if letter is None:
                unsent[NoticeState.SUPPRESSED, DeliveryCode.NO_CONTACT.value].append(attempt)
                report.note(DeliveryCode.NO_CONTACT)
            else:
                letters.append(letter)
        if unsent:
            with self.store.writing() as tx:
                for (state, because), attempts in unsent.items():
                    let_go(tx, claim, attempts, state, because=because)
                    report.counts[state] += len(attempts)
        return letters

    def _letter(self, attempt: Attempt, contact: Contact | None) -> Letter | None:
        """Return a letter over the first channel that reaches a contact, or None where none does.

        Fails: DeliveryError where the message cannot be written.
        """
        if contact is None:
            return None
        for channel in self.channels:
            address = channel.address(contact)
            if address:
                message = compose(attempt.notice, contact, self.templates[attempt.notice.kind])
                return Letter(attempt, channel, address, message)
        return None

    def _send_together(self, claim: Claim, letters: Sequence[Letter], report: DispatchReport) -> None:
        """Send letters over a channel that takes them again without harm; then write down what came of them."""
        channel, now = letters[0].channel, self.store.clock.now()
        results, left = [], []
        for letter, sent in zip(letters, channel.send([each.envelope(now) for each in letters]), strict=True):
            if sent.outcome is Outcome.TECHNICAL and not report.is_up(channel.name):
                left.append(letter.attempt)  # as if it had not been tried: the channel is down for everybody
            else:
                results.append((letter, self._end(letter, sent, report)))
        with self.store.writing() as tx:
            begun = begin_attempts(tx, claim, [(letter.attempt, letter.said) for letter, _ in results], lease=LEASE)
            end_attempts(tx, [result for letter, result in results if letter.attempt.reference in begun])
            let_go(tx, claim, left, NoticeState.QUEUED)

    def _send_one_by_one(self, claim: Claim, letters: Sequence[Letter], report: DispatchReport) -> None:
        """Send letters that would arrive twice, each begun before it is sent; what is left waits."""
        left, results = deque(letters), list[Ended]()
        while left and report.is_up(left[0].channel.name):
            letter = left.popleft()
            with self.store.writing() as tx:
                end_attempts(tx, results)
                begun = begin_attempts(tx, claim, [(letter.attempt, letter.said)], lease=LEASE)
            results = []
            if begun:
                # INVARIANT: until its result is committed, no other message is handed over.
                (sent,) = letter.channel.send([letter.envelope(self.store.clock.now())])
                results = [self._end(letter, sent, report)]
        with self.store.writing() as tx:
            end_attempts(tx, results)
            let_go(tx, claim, [letter.attempt for letter in left], NoticeState.QUEUED)

    def _end(self, letter: Letter, sent: Sent, report: DispatchReport) -> Ended:
        """Return what follows from one try, and count it."""
        verdict = judge(
            sent.outcome,
            reference=letter.attempt.reference,
            attempt=letter.attempt.number,
            business_date=letter.attempt.notice.business_date,
            now=self.store.clock.now(),
        )
        report.learn(letter.channel.name, sent, verdict)
        return Ended(letter.attempt, verdict.state, sent.because, verdict.not_before)
