"""Sends what the outbox holds, some hundred notices at a time: claimed together, written, sent, and marked.

A message that would arrive twice if it were sent twice is begun in a transaction of its own before it is handed over,
and ended in that of the next one. A process that dies leaves one message in doubt, at most; nobody sends it again but
a person. Where a channel takes a message twice without harm, what it did with many is written down together.
"""

import datetime as dt
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from core.clock import civil_day
from delivery.attempts import Verdict, judge
from delivery.channels import Channel, Inquirable, Inquiry, Outcome, Provided, Sent, carrier_of, carriers_of
from delivery.codes import DeliveryCode
from delivery.contacts import ContactBook
from delivery.dispatch_report import TECHNICAL_MAX, DispatchReport
from delivery.letters import Letter, LetterWriter, Written
from delivery.manners import Manners
from delivery.messages import Templates
from store.attempts import Attempt, Claim, Ended, begin_attempts, claim_notices, end_attempts, end_lapsed, let_go
from store.bad_contacts import BadAddress, bad_addresses, mark_bad
from store.notice_moves import defer_waiting, expire_unconfirmed, read_doubts, resolve_doubt
from store.opening import Store, Writing
from store.outbox import count_in_doubt, count_stranded
from store.preferences import declined
from store.receipts import Receipt, keep_receipts, settle_receipts
from store.states.notices import NoticeState, ReceiptOutcome
from store.suspensions import suspended_policies

LEASE = dt.timedelta(minutes=15)  # far longer than any channel's timeout: who holds it that long is gone
CONFIRMED_WITHIN = dt.timedelta(hours=72)  # networks give up earlier; a receipt that comes later still counts
ASKED_AFTER = dt.timedelta(minutes=5)  # a gateway that was slow may have the message by then
CHUNK = 500  # claimed, and opened in the vault, together: the cost of three transactions is shared by so many

_KNOWN = {
    Inquiry.ACCEPTED: ReceiptOutcome.ACCEPTED,
    Inquiry.UNDELIVERABLE: ReceiptOutcome.UNDELIVERABLE,
    Inquiry.DELIVERED: ReceiptOutcome.DELIVERED,
}
"""What a channel that knows a message says of it."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a letter that was handed over."""

    letter: Letter
    channel: str
    sent: Sent
    verdict: Verdict

    @property
    def ended(self) -> list[Ended]:
        """Return how each of its attempts ends."""
        state, because, not_before = self.verdict.state, self.sent.because, self.verdict.not_before
        return [Ended(attempt, state, because, not_before) for attempt in self.letter.attempts]

    @property
    def bad_address(self) -> BadAddress | None:
        """Return the address, where the channel refused it and not the message."""
        if not self.sent.is_address_bad:
            return None
        letter = self.letter
        return BadAddress(letter.first.notice.subject_id, self.channel, letter.address_mark, self.sent.because)


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
        the rest of what it carries waits: no other channel takes it over, but another of its providers does.
        """
        report = DispatchReport()
        self._look_back(report)
        with ExitStack() as kept_open:
            for channel in self.channels:
                kept_open.callback(channel.close)
                limit -= self._empty(channel, limit, report)
        return report

    def _look_back(self, report: DispatchReport) -> None:
        """Take over from dispatchers that are gone; settle what was said of messages since; list what needs a person."""
        confirming = [channel for channel in self.channels if channel.gives_receipts]
        with self.store.writing() as tx:
            end_lapsed(tx, self.is_dead)
            settle_receipts(tx)
        for channel in confirming:
            if isinstance(channel, Inquirable):
                self._inquire(channel)
        with self.store.writing() as tx:
            before = tx.now - CONFIRMED_WITHIN
            expired = (
                expire_unconfirmed(tx, [channel.name for channel in confirming], before=before) if confirming else 0
            )
            doubtful = count_in_doubt(tx)
            stranded = count_stranded(tx, [channel.name for channel in self.channels])
        report.note(DeliveryCode.UNCONFIRMED, count=expired)
        report.note(DeliveryCode.IN_DOUBT, count=doubtful)
        for name, count in stranded.items():
            report.note(DeliveryCode.CHANNEL_MISSING, name, count=count)

    def _inquire(self, channel: Inquirable) -> None:
        """Ask a channel for messages whose answers were lost; what it never got is sent again, once more counted."""
        now = self.store.clock.now()
        with self.store.reading() as rx:
            doubts = read_doubts(rx, channel.name, before=now - ASKED_AFTER, count_max=CHUNK)
        silent = Counter[str]()
        for doubt in doubts:
            asked = channel.carried_by(doubt.carrier) if isinstance(channel, Provided) else channel
            # INVARIANT: whoever was not given a message is not asked: it would say that it never got it.
            if asked is None or silent[doubt.carrier] >= TECHNICAL_MAX:
                continue
            said = asked.inquire(doubt.reference, at=now)
            silent[doubt.carrier] += said is Inquiry.SILENT
            with self.store.writing() as tx:
                if said in _KNOWN:
                    keep_receipts(tx, [Receipt(doubt.reference, _KNOWN[said])], source="inquiry")
                    settle_receipts(tx)
                elif said is Inquiry.NOT_THERE:
                    again = judge(
                        Outcome.TEMPORARY,
                        reference=doubt.reference,
                        attempt=doubt.number,
                        business_date=doubt.business_date,
                        now=now,
                    )
                    resolve_doubt(tx, doubt, again.state, not_before=again.not_before)

    def _empty(self, channel: Channel, limit: int, report: DispatchReport) -> int:
        """Send what waits for a channel, some hundred together; return how many notices were taken up.

        In its quiet hours it waits, but for what is mandatory.
        """
        taken = 0
        while taken < limit and report.is_up(*carriers_of(channel)):
            with self.store.writing() as tx:
                quiet_until = self.manners.quiet_through(channel.name, tx.now)
                if quiet_until is not None:
                    defer_waiting(tx, channel.name, until=quiet_until, but=self.manners.mandatory_kinds)
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
        """Return the letters of claimed notices; those of which nothing is sent are let go and counted."""
        subject_ids = {attempt.notice.subject_id for attempt in claim.attempts}
        with self.store.reading() as rx:
            unwanted, bad = declined(rx, subject_ids), bad_addresses(rx, subject_ids)
        writer = LetterWriter(self.contacts, self.templates, self.manners, unwanted, bad)
        written = writer.write(channel, claim.attempts)
        report.unwritten += written.faults
        if written.unsent:
            self._let_go(claim, written, report)
        return written.letters

    def _let_go(self, claim: Claim, written: Written, report: DispatchReport) -> None:
        with self.store.writing() as tx:
            for (state, code), attempts in written.unsent.items():
                let_go(tx, claim, attempts, state, because=code.value)
                report.counts[state] += len(attempts)
                report.note(code, count=len(attempts) if state is NoticeState.SUPPRESSED else 0)

    def _send_together(self, claim: Claim, channel: Channel, letters: Sequence[Letter], report: DispatchReport) -> None:
        """Send letters over a channel that takes them again without harm; then write down what came of them."""
        now, carrier = self.store.clock.now(), carrier_of(channel)
        results, left = list[Result](), list[Attempt]()
        for letter, sent in zip(letters, channel.send([each.envelope(now) for each in letters]), strict=True):
            if sent.outcome is Outcome.TECHNICAL and not report.is_up(*carriers_of(channel)):
                left += letter.attempts  # as if it had not been tried: the channel is down for everybody
            else:
                results.append(self._result(letter, channel, carrier, sent, report))
        with self.store.writing() as tx:
            begun = begin_attempts(
                tx, claim, [said for each in results for said in each.letter.said(carrier)], lease=LEASE
            )
            _keep(tx, [each for each in results if each.letter.first.reference in begun])
            let_go(tx, claim, left, NoticeState.QUEUED)

    def _send_one_by_one(
        self, claim: Claim, channel: Channel, letters: Sequence[Letter], report: DispatchReport
    ) -> None:
        """Send letters that would arrive twice, each begun before it is sent; what is left waits."""
        left, results = deque(letters), list[Result]()
        while left and report.is_up(*carriers_of(channel)):
            letter, carrier = left.popleft(), carrier_of(channel)
            with self.store.writing() as tx:
                _keep(tx, results)
                begun = begin_attempts(tx, claim, letter.said(carrier), lease=LEASE)
            results = []
            if begun:
                # INVARIANT: until its result is committed, no other message is handed over. A claim lapses as a whole:
                # of what travels together all is begun, or nothing.
                (sent,) = channel.send([letter.envelope(self.store.clock.now())])
                results = [self._result(letter, channel, carrier, sent, report)]
        with self.store.writing() as tx:
            _keep(tx, results)
            let_go(tx, claim, [attempt for letter in left for attempt in letter.attempts], NoticeState.QUEUED)

    def _result(self, letter: Letter, channel: Channel, carrier: str, sent: Sent, report: DispatchReport) -> Result:
        """Return what follows from one try, the same for all that travelled together, and count it.

        What a carrier that does not work never took need not wait where another has its turn.
        """
        now = self.store.clock.now()
        verdict = judge(
            sent.outcome,
            reference=letter.first.reference,
            attempt=max(attempt.number for attempt in letter.attempts),
            business_date=min(attempt.notice.business_date for attempt in letter.attempts),
            now=now,
        )
        report.learn(carrier, sent, verdict, count=len(letter.attempts))
        carriers = carriers_of(channel)
        later = carriers[carriers.index(carrier) + 1 :]
        if sent.outcome is Outcome.TECHNICAL and verdict.not_before is not None and report.is_up(*later):
            verdict = replace(verdict, not_before=now)
        return Result(letter, channel.name, sent, verdict)


def _keep(tx: Writing, results: Sequence[Result]) -> None:
    """Keep what came of letters that were sent, and which addresses are bad."""
    end_attempts(tx, [ended for each in results for ended in each.ended])
    mark_bad(tx, [bad for each in results if (bad := each.bad_address) is not None])
