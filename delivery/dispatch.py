"""Sends what the outbox holds, one message after the other: claim, send, mark, each committed by itself.

A process that dies between sending and marking leaves one claimed message behind. The next dispatch
finds its lease run out and puts it in doubt; nobody sends it again but a person.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.errors import DeliveryError
from core.ledger import NoticeKind
from delivery.attempts import Verdict, judge
from delivery.channels import Channel, Envelope, Outcome
from delivery.codes import DeliveryCode
from delivery.contacts import ContactBook
from delivery.dispatch_report import DispatchReport
from delivery.messages import compose
from delivery.notice_templates import Template
from store.opening import Store
from store.outbox import Attempt, Said, claim_notices, count_notices, mark_notice, put_in_doubt
from store.states import NoticeState

LEASE = dt.timedelta(minutes=15)  # far longer than any channel's timeout: who holds it that long is gone
_NO_CHANNEL = "none"


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Everything that sending needs; `channels` in order of preference, `holder` names this process."""

    store: Store
    contacts: ContactBook
    channels: Sequence[Channel]
    templates: Mapping[NoticeKind, Template]
    holder: str

    def dispatch(self, limit: int) -> DispatchReport:
        """Send up to so many messages, once each.

        A message without an address is left to the recipient's own page. One that cannot be written is given up
        and listed. Where a channel fails again and again, the rest waits: no other takes over what it should carry.
        """
        report = DispatchReport()
        self._list_doubts(report)
        for _ in range(limit):
            if not all(report.is_up(channel.name) for channel in self.channels):
                break
            with self.store.writing() as tx:
                claimed = claim_notices(tx, holder=self.holder, lease=LEASE, count_max=1)
            if not claimed:
                break
            self._tell(claimed[0], report)
        return report

    def _list_doubts(self, report: DispatchReport) -> None:
        with self.store.writing() as tx:
            put_in_doubt(tx)
            counts = count_notices(tx).filter(pl.col("state") == NoticeState.UNKNOWN.value)
        report.note(DeliveryCode.IN_DOUBT, count=int(counts["count"].sum()))

    def _tell(self, attempt: Attempt, report: DispatchReport) -> None:
        """Take a claimed message to its end: sent or not, its state is marked."""
        notice = attempt.notice
        contact = self.contacts.contacts([notice.subject_id]).get(notice.subject_id)
        ways = [(each, address) for each in self.channels if contact and (address := each.address(contact))]
        if contact is None or not ways:
            self._mark(attempt, Verdict(NoticeState.SUPPRESSED), because=DeliveryCode.NO_CONTACT.value)
            report.counts[NoticeState.SUPPRESSED] += 1
            report.note(DeliveryCode.NO_CONTACT)
            return
        try:
            message = compose(notice, contact, self.templates[notice.kind])
        except DeliveryError as error:
            self._mark(attempt, Verdict(NoticeState.DEAD), because=error.findings[0].code.value)
            report.counts[NoticeState.DEAD] += 1
            report.unwritten += error.findings
            return
        channel, address = ways[0]
        now = self.store.clock.now()
        # INVARIANT: between the claim and the mark nothing intervenes but the death of the process.
        sent = channel.send(Envelope(notice.notice_id, attempt.reference, address, message, now))
        verdict = self._judge(attempt, sent.outcome)
        said = Said(message.template_id, message.digest)
        self._mark(attempt, verdict, channel=channel.name, because=sent.because, said=said)
        report.learn(channel.name, sent, verdict)

    def _judge(self, attempt: Attempt, outcome: Outcome) -> Verdict:
        return judge(
            outcome,
            reference=attempt.reference,
            attempt=attempt.number,
            business_date=attempt.notice.business_date,
            now=self.store.clock.now(),
        )

    def _mark(
        self,
        attempt: Attempt,
        verdict: Verdict,
        *,
        channel: str = _NO_CHANNEL,
        because: str | None = None,
        said: Said | None = None,
    ) -> None:
        with self.store.writing() as tx:
            mark_notice(
                tx,
                attempt,
                verdict.state,
                channel=channel,
                because=because,
                not_before=verdict.not_before,
                said=said,
            )
