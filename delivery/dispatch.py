"""Sends what the outbox holds, some hundred notices at a time: claimed together, written, sent, and marked.

A message that would arrive twice if it were sent twice is begun in a transaction of its own before it is handed over,
and ended in that of the next one. A process that dies leaves one message in doubt, at most; nobody sends it again but
a person. Where a channel takes a message twice without harm, what it did with many is written down together.
"""

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from core.clock import civil_day
from core.errors import DeliveryError
from delivery.attempts import judge
from delivery.channels import Channel, Envelope, Outcome, Sent
from delivery.codes import DeliveryCode
from delivery.contacts import Contact, ContactBook
from delivery.dispatch_report import DispatchReport
from delivery.manners import Manners
from delivery.messages import Message, Templates, compose
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
from store.outbox import count_in_doubt, count_stranded
from store.states import NoticeState
from store.suspensions import suspended_policies

LEASE = dt.timedelta(minutes=15)  # far longer than any channel's timeout: who holds it that long is gone
CHUNK = 500  # claimed, and opened in the vault, together: the cost of three transactions is shared by so many


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is ready to go over a channel; it carries one attempt, or those of several notices to one subject.

    It goes under the name and reference of the first of them.
    """

    attempts: Sequence[Attempt]
    address: str = field(repr=False)
    message: Message

    @property
    def first(self) -> Attempt:
        """Return the attempt that gives it its name."""
        return self.attempts[0]

    @property
    def said(self) -> list[tuple[Attempt, Said]]:
        """Return what the outbox keeps of it, for each attempt."""
        message = self.message
        said = Said(message.template_id, message.template_digest, message.digest, self.first.reference)
        return [(attempt, said) for attempt in self.attempts]

    def envelope(self, sent_at: dt.datetime) -> Envelope:
        """Return it as the channel takes it."""
        return Envelope(self.first.notice, self.first.reference, self.address, self.message, sent_at)


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Everything that sending needs; `holder` names this process, `is_dead` says of another one whether it is gone."""

    store: Store
    contacts: ContactBook
    channels: Sequence[Channel]
    templates: Templates
    manners: Manners
    holder: str
    is_dead: Callable[[str], bool]

    def dispatch(self, limit: int) -> DispatchReport:
        """Send about so many notices, once each, channel by channel.

        A notice without an address is left to the recipient's own page. One that cannot be written is given up
        and listed. What a suspended policy has to tell waits until it goes on. Where a channel fails again and again,
        the rest of what it carries waits: no other takes it over.
        """
        report = DispatchReport()
        self._look_back(report)
        with ExitStack() as kept_open:
            for channel in self.channels:
                kept_open.callback(channel.close)
                limit -= self._empty(channel, limit, report)
        return report

    def _look_back(self, report: DispatchReport) -> None:
        """Take over from dispatchers that are gone, and list what is in doubt and what waits for no channel of ours."""
        with self.store.writing() as tx:
            end_lapsed(tx, self.is_dead)
            doubtful = count_in_doubt(tx)
            stranded = count_stranded(tx, [channel.name for channel in self.channels])
        report.note(DeliveryCode.IN_DOUBT, count=doubtful)
        for name, count in stranded.items():
            report.note(DeliveryCode.CHANNEL_MISSING, name, count=count)

    def _empty(self, channel: Channel, limit: int, report: DispatchReport) -> int:
        """Send what waits for a channel, some hundred together; return how many notices were taken up."""
        taken = 0
        while taken < limit and report.is_up(channel.name):
            with self.store.writing() as tx:
                claim = claim_notices(
                    tx,
                    channel.name,
                    holder=self.holder,
                    lease=LEASE,
                    count_max=min(limit - taken, CHUNK),
                    without=suspended_policies(tx, on=civil_day(tx.now)),
                )
            if not claim.attempts:
                break
            taken += len(claim.attempts)
            letters = self._write(claim, channel, report)
            if channel.is_repeatable:
                self._send_together(claim, channel, letters, report)
            else:
                self._send_one_by_one(claim, channel, letters, report)
        return taken

    def _write(self, claim: Claim, channel: Channel, report: DispatchReport) -> list[Letter]:
        """Return the letters of claimed notices; those that cannot be sent at all are let go."""
        contacts = self.contacts.contacts({attempt.notice.subject_id for attempt in claim.attempts})
        letters = []
        unsent: defaultdict[tuple[NoticeState, str], list[Attempt]] = defaultdict(list)
        for bundle in self.manners.bundles(channel.name, claim.attempts):
            contact = contacts.get(bundle[0].notice.subject_id)
            address = None if contact is None else channel.address(contact)
            if contact is None or not address:
                unsent[NoticeState.SUPPRESSED, DeliveryCode.NO_CONTACT.value] += bundle
                report.note(DeliveryCode.NO_CONTACT, count=len(bundle))
                continue
            whole, faults = self._composed(bundle, contact)
            for attempt, error in faults:
                unsent[NoticeState.DEAD, error.findings[0].code.value].append(attempt)
                report.unwritten += error.findings
            letters += [Letter(attempts, address, message) for attempts, message in whole]
        if unsent:
            with self.store.writing() as tx:
                for (state, because), attempts in unsent.items():
                    let_go(tx, claim, attempts, state, because=because)
                    report.counts[state] += len(attempts)
        return letters

    def _composed(
        self, bundle: Sequence[Attempt], contact: Contact
    ) -> tuple[list[tuple[Sequence[Attempt], Message]], list[tuple[Attempt, DeliveryError]]]:
        """Return the message of a bundle, without those of its notices that cannot be written, and what is wrong there."""
        try:
            return [(bundle, compose([each.notice for each in bundle], contact, self.templates))], []
        except DeliveryError as error:
            if len(bundle) == 1:
                return [], [(bundle[0], error)]
        whole, faults = [], []
        for attempt in bundle:
            try:
                compose([attempt.notice], contact, self.templates)
            except DeliveryError as error:
                faults.append((attempt, error))
            else:
                whole.append(attempt)
        return [(whole, compose([each.notice for each in whole], contact, self.templates))] if whole else [], faults

    def _send_together(self, claim: Claim, channel: Channel, letters: Sequence[Letter], report: DispatchReport) -> None:
        """Send letters over a channel that takes them again without harm; then write down what came of them."""
        now = self.store.clock.now()
        results = list[tuple[Letter, list[Ended]]]()
        left = list[Attempt]()
        for letter, sent in zip(letters, channel.send([each.envelope(now) for each in letters]), strict=True):
            if sent.outcome is Outcome.TECHNICAL and not report.is_up(channel.name):
                left += letter.attempts  # as if it had not been tried: the channel is down for everybody
            else:
                results.append((letter, self._end(letter, channel, sent, report)))
        with self.store.writing() as tx:
            begun = begin_attempts(tx, claim, [said for letter, _ in results for said in letter.said], lease=LEASE)
            ended = [each for _, own in results for each in own if each.attempt.reference in begun]
            end_attempts(tx, ended)
            let_go(tx, claim, left, NoticeState.QUEUED)

    def _send_one_by_one(
        self, claim: Claim, channel: Channel, letters: Sequence[Letter], report: DispatchReport
    ) -> None:
        """Send letters that would arrive twice, each begun before it is sent; what is left waits."""
        left, results = deque(letters), list[Ended]()
        while left and report.is_up(channel.name):
            letter = left.popleft()
            with self.store.writing() as tx:
                end_attempts(tx, results)
                begun = begin_attempts(tx, claim, letter.said, lease=LEASE)
            results = []
            if begun:
                # INVARIANT: until its result is committed, no other message is handed over. A claim lapses as a whole:
                # of what travels together all is begun, or nothing.
                (sent,) = channel.send([letter.envelope(self.store.clock.now())])
                results = self._end(letter, channel, sent, report)
        with self.store.writing() as tx:
            end_attempts(tx, results)
            let_go(tx, claim, [attempt for letter in left for attempt in letter.attempts], NoticeState.QUEUED)

    def _end(self, letter: Letter, channel: Channel, sent: Sent, report: DispatchReport) -> list[Ended]:
        """Return what follows from one try, the same for all that travelled together, and count it."""
        verdict = judge(
            sent.outcome,
            reference=letter.first.reference,
            attempt=max(attempt.number for attempt in letter.attempts),
            business_date=min(attempt.notice.business_date for attempt in letter.attempts),
            now=self.store.clock.now(),
        )
        report.learn(channel.name, sent, verdict, count=len(letter.attempts))
        return [Ended(attempt, verdict.state, sent.because, verdict.not_before) for attempt in letter.attempts]
