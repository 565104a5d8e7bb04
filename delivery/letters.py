"""Claimed notices made into letters for one channel, or let go with the reason why nothing is sent."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.errors import DeliveryError
from core.findings import Finding
from core.ledger import NOTICE_CATEGORY, NoticeCategory
from delivery.channels import Channel, Envelope
from delivery.codes import DeliveryCode
from delivery.contacts import Contact, ContactBook
from delivery.manners import Manners
from delivery.messages import Message, Templates, compose
from delivery.notice_values import ACCOUNT, VARIABLES
from store.attempts import Attempt, Said
from store.states.notices import NoticeState


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is ready to go over a channel; it carries one attempt, or those of several notices to one subject.

    It goes under the name and reference of the first of them. `address_mark` is what is kept of an address that is bad.
    """

    attempts: Sequence[Attempt]
    address: str = field(repr=False)
    address_mark: str
    message: Message

    @property
    def first(self) -> Attempt:
        """Return the attempt that gives it its name."""
        return self.attempts[0]

    def said(self, carrier: str) -> list[tuple[Attempt, Said]]:
        """Return what the outbox keeps of it, for each attempt; `carrier` is given it."""
        message = self.message
        said = Said(message.template_id, message.template_digest, message.digest, self.first.reference, carrier)
        return [(attempt, said) for attempt in self.attempts]

    def envelope(self, sent_at: dt.datetime) -> Envelope:
        """Return it as the channel takes it."""
        return Envelope(self.first.notice, self.first.reference, self.address, self.message, sent_at)


@dataclass(frozen=True, slots=True)
class Written:
    """What came of claimed notices before anything is sent: letters, and those let go by state and code."""

    letters: list[Letter] = field(default_factory=list)
    unsent: defaultdict[tuple[NoticeState, DeliveryCode], list[Attempt]] = field(
        default_factory=lambda: defaultdict(list)
    )
    faults: list[Finding] = field(default_factory=list)

    def let_go(self, state: NoticeState, code: DeliveryCode, attempts: Sequence[Attempt]) -> None:
        """Keep that nothing is sent of some notices."""
        self.unsent[state, code] += attempts


@dataclass(frozen=True, slots=True)
class LetterWriter:
    """What writing needs: how to reach subjects, the letters, what subjects do not want, and which addresses are bad."""

    contacts: ContactBook
    templates: Templates
    manners: Manners
    unwanted: frozenset[tuple[str, NoticeCategory]]
    bad: frozenset[tuple[str, str, str]]

    def write(self, channel: Channel, attempts: Sequence[Attempt]) -> Written:
        """Return the letters of claimed notices, those let go, and what is wrong with those that cannot be written.

        Whoever declined a category is not told of it, unless it is mandatory; an address that the channel refused for
        good is not asked again: another department's is tried, where one knows any.
        """
        written = Written()
        wanted = []
        for attempt in attempts:
            if self._is_declined(attempt):
                written.let_go(NoticeState.SUPPRESSED, DeliveryCode.DECLINED, [attempt])
            else:
                wanted.append(attempt)
        contacts = self.contacts.contacts(
            {attempt.notice.subject_id for attempt in wanted},
            with_accounts={each.notice.subject_id for each in wanted if ACCOUNT in VARIABLES[each.notice.kind]},
        )
        for bundle in self.manners.bundles(channel.name, wanted):
            self._write_bundle(written, channel, bundle, contacts.get(bundle[0].notice.subject_id))
        return written

    def _is_declined(self, attempt: Attempt) -> bool:
        notice = attempt.notice
        return self.manners.heeds(notice.kind) and (notice.subject_id, NOTICE_CATEGORY[notice.kind]) in self.unwanted

    def _write_bundle(
        self, written: Written, channel: Channel, bundle: Sequence[Attempt], contact: Contact | None
    ) -> None:
        """Add the letter of a bundle, or let it go."""
        if contact is None or not channel.address(contact):
            written.let_go(NoticeState.SUPPRESSED, DeliveryCode.NO_CONTACT, bundle)
            return
        address = self._good_address(channel, bundle[0].notice.subject_id, contact)
        if address is None:
            written.let_go(NoticeState.SUPPRESSED, DeliveryCode.BAD_CONTACT, bundle)
            return
        mark = self.contacts.mark(address)
        try:
            message = self._composed(bundle, contact)
        except DeliveryError:
            bundle = self._writable(written, bundle, contact)
            if not bundle:
                return
            message = self._composed(bundle, contact)
        written.letters.append(Letter(bundle, address, mark, message))

    def _good_address(self, channel: Channel, subject_id: str, contact: Contact) -> str | None:
        """Return the first address that the channel did not refuse for good, of whichever department; or None."""
        address = channel.address(contact)
        while address and (subject_id, channel.name, self.contacts.mark(address)) in self.bad:
            contact = contact.without(address)
            other = channel.address(contact)
            address = None if other == address else other
        return address or None

    def _writable(self, written: Written, bundle: Sequence[Attempt], contact: Contact) -> list[Attempt]:
        """Return those of a bundle that can be written; let the others go with what is wrong with them."""
        whole = []
        for attempt in bundle:
            try:
                self._composed([attempt], contact)
            except DeliveryError as error:
                code = error.findings[0].code
                assert isinstance(code, DeliveryCode), "what composing finds is of delivery"
                written.let_go(NoticeState.DEAD, code, [attempt])
                written.faults.extend(error.findings)
            else:
                whole.append(attempt)
        return whole

    def _composed(self, bundle: Sequence[Attempt], contact: Contact) -> Message:
        return compose([attempt.notice for attempt in bundle], contact, self.templates)
