"""An outbox with a channel that loses what it can, processes that die where they can, and what recipients really got."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

import sqlalchemy as sa
from hypothesis import strategies as st

from core.clock import FixedClock, civil_instant
from core.ledger import NoticeCategory, NoticeKind
from core.settings import Channels
from delivery.channels import Envelope, Inquiry, Outcome, Sent
from delivery.contacts import Contact
from delivery.dispatch import LEASE, Dispatcher
from delivery.manners import Manners
from delivery.notice_templates import read_templates
from delivery.notice_values import VARIABLES
from delivery.notices import Telling, plan_notices
from delivery.routes import Routes
from store.opening import Store
from store.outbox import KeptNotice, read_notices
from store.preferences import record_preference
from store.tables import METADATA
from tests.delivery.samples import SAID
from tests.store.worlds import register

DAY = dt.date(2026, 3, 2)
NOON = civil_instant(DAY, 12)
TEMPLATES = read_templates()
CHANNELS = ("sms", "email")
MANNERS = Manners(quiet=("sms",), digest=("sms",))
KINDS = (NoticeKind.STARTED, NoticeKind.PAID, NoticeKind.INFORMED, NoticeKind.ENDED, NoticeKind.OVERPAID)
_OURS = ("inbox_item", "notice_act", "notice_receipt", "notice_preference", "bad_contact", "notice_attempt", "notice")


class KilledError(BaseException):
    """The process dies here."""


class Fate(StrEnum):
    """What happens to one message on its way."""

    TAKEN = "taken"
    REFUSED = "refused"
    BUSY = "busy"
    DOWN = "down"
    LOST_ANSWER = "lost_answer"  # it arrived, and nobody heard of it
    LOST = "lost"  # it did not arrive, and nobody knows
    KILLED_BEFORE = "killed_before"
    KILLED_AFTER = "killed_after"


_SAID = {
    Fate.TAKEN: Sent(Outcome.ACCEPTED),
    Fate.REFUSED: Sent(Outcome.PERMANENT, "x"),
    Fate.BUSY: Sent(Outcome.TEMPORARY, "x"),
    Fate.DOWN: Sent(Outcome.TECHNICAL, "x"),
    Fate.LOST_ANSWER: Sent(Outcome.UNKNOWN, "x"),
    Fate.LOST: Sent(Outcome.UNKNOWN, "x"),
}
_ARRIVES = frozenset({Fate.TAKEN, Fate.LOST_ANSWER, Fate.KILLED_AFTER})


@dataclass
class Way:
    """A channel by which every message meets the next fate; the last one for ever."""

    name: str
    got: "list[Got]"
    fates: list[Fate] = field(default_factory=lambda: [Fate.TAKEN])
    is_repeatable: bool = False
    gives_receipts: bool = True
    arrived: set[str] = field(default_factory=set)
    now: dt.datetime = NOON

    def address(self, contact: Contact) -> str | None:
        """Return the phone."""
        return contact.phone

    def send(self, envelopes: Sequence[Envelope]) -> list[Sent]:
        """Let each message meet its fate."""
        return [self._meet(each) for each in envelopes]

    def inquire(self, reference: str, *, at: dt.datetime) -> Inquiry:
        """Tell the truth."""
        assert at >= NOON
        return Inquiry.ACCEPTED if reference in self.arrived else Inquiry.NOT_THERE

    def close(self) -> None:
        """Have nothing to close."""

    def _meet(self, envelope: Envelope) -> Sent:
        fate = self.fates.pop(0) if len(self.fates) > 1 else self.fates[0]
        if fate in _ARRIVES:
            self.arrived.add(envelope.reference)
            self.got.append(Got(self.name, envelope.reference, self.now))
        if fate in {Fate.KILLED_BEFORE, Fate.KILLED_AFTER}:
            raise KilledError
        return _SAID[fate]


@dataclass(frozen=True, slots=True)
class Got:
    """A message that arrived."""

    channel: str
    reference: str
    at: dt.datetime


@dataclass(frozen=True)
class Phones:
    """Everybody has a phone; a book that dies while it is opened is a process that dies between claim and call."""

    dies: bool = False

    def contacts(self, subject_ids: Iterable[str], *, with_accounts: Collection[str] = ()) -> Mapping[str, Contact]:  # noqa: ARG002  # the protocol's
        """Return a phone for each."""
        if self.dies:
            raise KilledError
        return {each: Contact("张小三", is_person=True, phone=f"1380000{each[-4:]}") for each in subject_ids}

    def mark(self, address: str) -> str:
        """Return the address itself: nothing here is secret."""
        return address


@dataclass
class Outbox:
    """One store with some people, and what arrived where."""

    store: Store
    people: list[str]
    got: list[Got] = field(default_factory=list)
    ways: dict[str, Way] = field(default_factory=dict)
    planned: set[str] = field(default_factory=set)
    declined: dict[tuple[str, NoticeCategory], dt.datetime] = field(default_factory=dict)

    @classmethod
    def empty(cls, store: Store) -> "Outbox":
        """Return an outbox without messages, at noon."""
        with store.writing() as tx:
            for name in _OURS:
                tx.connection.execute(sa.delete(METADATA.tables[name]))
        assert isinstance(store.clock, FixedClock)
        store.clock.instant = NOON
        made = cls(store, register(store, "1", "2"))
        made.ways = {name: Way(name, made.got) for name in CHANNELS}
        return made

    @property
    def now(self) -> dt.datetime:
        """Return the present instant."""
        return self.store.clock.now()

    def let_pass(self, hours: int) -> None:
        """Set the clock forward."""
        assert isinstance(self.store.clock, FixedClock)
        self.store.clock.instant += dt.timedelta(hours=hours)

    def plan(self, person: int, kind: NoticeKind, number: int, *, is_killed: bool = False) -> None:
        """Tell a person about the nth event of a kind; where the process dies, there is no event."""
        event = f"{kind} {number}"
        values = {name: SAID[name] for name in VARIABLES[kind]}
        telling = Telling(kind, self.people[person], "p", event, DAY, values)
        with suppress(KilledError), self.store.writing() as tx:
            plan_notices(tx, Routes({"person": CHANNELS}, Channels()), [telling])
            if is_killed:
                raise KilledError
        if is_killed:
            return
        self.planned.add(f"{self.people[person]} {event}")

    def dispatch(self, fates: Sequence[Fate], *, dies_early: bool = False) -> None:
        """Send what is due by a process of its own, which may die, and is known to be gone then."""
        queue = list(fates) or [Fate.TAKEN]
        for way in self.ways.values():
            way.fates, way.now = queue, self.now
        ways = list(self.ways.values())
        sender = Dispatcher(self.store, Phones(dies_early), ways, TEMPLATES, MANNERS, "host:1", "host:1".__eq__)
        try:
            sender.dispatch(1_000)
        except KilledError:
            # Known to be gone at the next dispatch, or only when its lease has run out.
            self.let_pass(int(LEASE.total_seconds() // 3600) + 1)

    def decline(self, person: int, category: NoticeCategory) -> None:
        """Keep that a person does not want a category."""
        with self.store.writing() as tx:
            record_preference(tx, self.people[person], category, is_wanted=False, by="clerk", reason="law")
        self.declined.setdefault((self.people[person], category), self.now)

    def kept(self) -> list[KeptNotice]:
        """Return every message."""
        with self.store.reading() as rx:
            return read_notices(rx, count_max=100_000)

    def carried(self) -> dict[str, list[str]]:
        """Return which notices each message carried, by its reference."""
        attempt = METADATA.tables["notice_attempt"]
        chosen = sa.select(attempt.c.message_reference, attempt.c.notice_id)
        found: dict[str, list[str]] = {}
        with self.store.reading() as rx:
            for reference, notice_id in rx.connection.execute(chosen):
                found.setdefault(reference, []).append(notice_id)
        return found

    def received(self) -> Counter[str]:
        """Return how often each notice reached its recipient."""
        carried = self.carried()
        return Counter(notice_id for got in self.got for notice_id in carried[got.reference])

    def settle(self, fate: Fate = Fate.TAKEN) -> None:
        """Let five days pass, with a dispatch every few hours by processes that live."""
        for _ in range(16):
            self.let_pass(8)
            self.dispatch([fate])


_PEOPLE = st.integers(0, 1)
_STEPS = st.one_of(
    st.tuples(st.just("plan"), _PEOPLE, st.sampled_from(KINDS), st.integers(1, 2), st.booleans()),
    st.tuples(st.just("dispatch"), st.lists(st.sampled_from(Fate), max_size=6), st.booleans()),
    st.tuples(st.just("pass"), st.integers(1, 30)),
    st.tuples(st.just("decline"), _PEOPLE, st.sampled_from(NoticeCategory)),
)
HISTORIES = st.lists(_STEPS, min_size=1, max_size=12)


def lived(store: Store, history: Sequence[tuple[object, ...]]) -> Outbox:
    """Return an outbox after a history."""
    outbox = Outbox.empty(store)
    for step in history:
        match step:
            case ("plan", int(person), NoticeKind() as kind, int(number), bool(is_killed)):
                outbox.plan(person, kind, number, is_killed=is_killed)
            case ("dispatch", list(fates), bool(dies)):
                outbox.dispatch(fates, dies_early=dies)
            case ("pass", int(hours)):
                outbox.let_pass(hours)
            case ("decline", int(person), NoticeCategory() as category):
                outbox.decline(person, category)
            case _:
                raise AssertionError(step)
    return outbox
