from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from core.ledger import Notice, NoticeKind
from core.settings import Smtp
from delivery.attempts import ATTEMPTS_MAX
from delivery.channels import Channel, Envelope, Outcome, Sent
from delivery.contacts import Contact
from delivery.dispatch import LEASE, Dispatcher
from delivery.dispatch_report import TECHNICAL_MAX
from delivery.folder_channel import FolderChannel
from delivery.manners import Manners
from delivery.notice_templates import read_templates
from delivery.smtp_channel import SmtpChannel
from store.opening import Store
from store.outbox import add_notices, read_notices
from store.states.notices import NoticeState
from store.vault_openings import read_openings
from tests.delivery.a_store import NOON, add_person, book, empty_store, let_pass
from tests.delivery.mail_server import HOST, Mailbox, mail_server
from tests.delivery.samples import notice
from tests.store.worlds import notice_frame

TEMPLATES = read_templates()


class KilledError(BaseException):
    """The process dies here."""


@dataclass
class ScriptedChannel:
    """A channel whose outcomes are given; keeps what it was asked to send."""

    outcomes: list[Sent | KilledError]
    sent: list[Envelope] = field(default_factory=list)
    name: str = "email"
    is_repeatable: bool = False
    gives_receipts: bool = False

    def address(self, contact: Contact) -> str | None:
        """Return the e-mail address."""
        return contact.email

    def send(self, envelopes: Sequence[Envelope]) -> list[Sent]:
        """Give the next outcome for each; the last one for ever."""
        return [self._next(envelope) for envelope in envelopes]

    def close(self) -> None:
        """Have nothing to close."""

    def _next(self, envelope: Envelope) -> Sent:
        self.sent.append(envelope)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, KilledError):
            raise outcome
        return outcome


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a new store."""
    with empty_store(tmp_path) as opened:
        yield opened


def planned(store: Store, count: int = 1, **fields: str) -> list[Notice]:
    """Put people with an e-mail address into the vault, and a notice for each into the outbox."""
    notices = []
    for number in range(1, count + 1):
        known = {"name": "张小三", "email": f"z{number}@example.org"} | fields
        subject_id = add_person(store, str(number), {name: value for name, value in known.items() if value})
        notices.append(notice(subject_id=subject_id))
    with store.writing() as tx:
        add_notices(tx, notice_frame(*notices), run_id=None)
    return notices


def dispatcher(store: Store, *channels: Channel) -> Dispatcher:
    """Return a dispatcher with these channels."""
    return Dispatcher(store, book(store), channels, TEMPLATES, Manners(), holder="test", is_dead="gone".__eq__)


def states(store: Store) -> list[NoticeState]:
    """Return the states of all notices."""
    with store.reading() as rx:
        return [each.state for each in read_notices(rx)]


def test_a_notice_goes_out_by_mail_with_its_masked_name(store: Store) -> None:
    """From the outbox through the vault and a real mail server."""
    planned(store)
    box = Mailbox()
    with mail_server(box) as port:
        settings = Smtp.model_validate({"host": HOST, "port": port, "from": "a@city.example", "tls": "none"})
        report = dispatcher(store, SmtpChannel(settings)).dispatch(10)

    assert [each.rcpt_tos for each in box.received] == [["z1@example.org"]]
    assert (dict(report.counts), report.findings) == ({NoticeState.ACCEPTED: 1}, ())
    assert states(store) == [NoticeState.ACCEPTED]


def test_what_was_sent_is_not_sent_again(store: Store, tmp_path: Path) -> None:
    """N2: at most one accepted message per notice, also when the night writes it again."""
    notices = planned(store)
    sender = dispatcher(store, FolderChannel(tmp_path / "outbox", name="email"))
    sender.dispatch(10)

    with store.writing() as tx:
        again = add_notices(tx, notice_frame(*notices), run_id=None)

    assert (again, sum(sender.dispatch(10).counts.values())) == (0, 0)


def test_killed_between_sending_and_marking(store: Store) -> None:
    """The message may be out: it is put in doubt, listed at every dispatch, and never sent again in silence."""
    planned(store)
    channel = ScriptedChannel([KilledError(), Sent(Outcome.ACCEPTED)])
    with pytest.raises(KilledError):
        dispatcher(store, channel).dispatch(10)

    at_once = dispatcher(store, channel).dispatch(10)
    let_pass(store, seconds=LEASE.total_seconds() + 1)
    reports = [dispatcher(store, channel).dispatch(10) for _ in range(2)]

    assert at_once.findings == ()
    assert [[each.code.value for each in report.findings] for report in reports] == [["D214"], ["D214"]]
    assert len(channel.sent) == 1
    assert states(store) == [NoticeState.UNKNOWN]


def test_killed_in_the_middle_of_many(store: Store) -> None:
    """One message is in doubt: those before it were taken, those after it wait for the next dispatch."""
    planned(store, count=4)
    channel = ScriptedChannel([Sent(Outcome.ACCEPTED), KilledError(), Sent(Outcome.ACCEPTED)])
    with pytest.raises(KilledError):
        replace(dispatcher(store, channel), holder="gone").dispatch(10)

    report = dispatcher(store, channel).dispatch(10)

    assert report.counts == {NoticeState.ACCEPTED: 2}
    assert sorted(states(store)) == [NoticeState.ACCEPTED] * 3 + [NoticeState.UNKNOWN]
    assert len({each.message_id for each in channel.sent}) == len(channel.sent) == 4


def test_killed_where_a_message_may_be_handed_over_twice(store: Store) -> None:
    """Nothing is in doubt: all of them are handed over again, under the names that they had."""
    planned(store, count=3)
    channel = ScriptedChannel([Sent(Outcome.ACCEPTED), KilledError(), Sent(Outcome.ACCEPTED)], is_repeatable=True)
    with pytest.raises(KilledError):
        replace(dispatcher(store, channel), holder="gone").dispatch(10)

    report = dispatcher(store, channel).dispatch(10)

    assert (dict(report.counts), report.findings) == ({NoticeState.ACCEPTED: 3}, ())
    assert len({(each.message_id, each.reference) for each in channel.sent}) == 3


def test_more_than_are_claimed_together(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claimed in parts, each part opened in the vault by itself; every notice goes out once."""
    monkeypatch.setattr("delivery.dispatch.CHUNK", 2)
    planned(store, count=5)
    channel = ScriptedChannel([Sent(Outcome.ACCEPTED)])

    report = dispatcher(store, channel).dispatch(10)

    assert report.counts == {NoticeState.ACCEPTED: 5}
    assert len({each.message_id for each in channel.sent}) == len(channel.sent) == 5


def test_each_opening_of_the_vault_is_recorded(store: Store) -> None:
    planned(store, count=3)

    dispatcher(store, ScriptedChannel([Sent(Outcome.ACCEPTED)])).dispatch(10)

    with store.reading() as rx:
        openings = read_openings(rx)
    assert openings.select("because", "subject_count").rows() == [("notice", 1)] * 3


def test_no_answer_after_the_content(store: Store) -> None:
    planned(store)
    channel = ScriptedChannel([Sent(Outcome.UNKNOWN, "TimeoutError")])

    report = dispatcher(store, channel).dispatch(10)
    let_pass(store, days=1)
    dispatcher(store, channel).dispatch(10)

    assert [each.code.value for each in report.findings] == ["D214"]
    assert (len(channel.sent), states(store)) == (1, [NoticeState.UNKNOWN])


def test_nobody_to_reach_is_left_to_the_page(store: Store) -> None:
    planned(store, email="")
    channel = ScriptedChannel([Sent(Outcome.ACCEPTED)])

    report = dispatcher(store, channel).dispatch(10)

    assert [(each.code.value, each.count) for each in report.findings] == [("D201", 1)]
    assert (channel.sent, states(store)) == ([], [NoticeState.SUPPRESSED])


def test_the_vault_is_opened_for_those_who_are_told(store: Store) -> None:
    planned(store, count=2)

    dispatcher(store, ScriptedChannel([Sent(Outcome.ACCEPTED)])).dispatch(1)

    with store.reading() as rx:
        openings = read_openings(rx)
    assert openings.select("because", "subject_count").rows() == [("notice", 1)]


def test_refused_for_now_is_tried_again_when_its_time_has_come(store: Store) -> None:
    planned(store)
    channel = ScriptedChannel([Sent(Outcome.TEMPORARY, "450"), Sent(Outcome.ACCEPTED)])
    first = dispatcher(store, channel).dispatch(10)

    too_early = dispatcher(store, channel).dispatch(10)
    let_pass(store, minutes=7)
    in_time = dispatcher(store, channel).dispatch(10)

    assert [each.code.value for each in first.findings] == ["D212"]
    assert sum(too_early.counts.values()) == 0
    assert dict(in_time.counts) == {NoticeState.ACCEPTED: 1}
    assert len({each.reference for each in channel.sent}) == 2
    assert len({each.message_id for each in channel.sent}) == 1


def test_refused_for_good_is_not_tried_again(store: Store) -> None:
    planned(store)

    report = dispatcher(store, ScriptedChannel([Sent(Outcome.PERMANENT, "550 5.1.1")])).dispatch(10)

    assert [each.code.value for each in report.findings] == ["D211"]
    assert states(store) == [NoticeState.DEAD]


def test_attempts_end(store: Store) -> None:
    """N4: refused for now at every attempt, a message is given up and listed."""
    planned(store)
    channel = ScriptedChannel([Sent(Outcome.TEMPORARY, "450")])
    codes = []
    for _ in range(ATTEMPTS_MAX + 2):
        codes += [each.code.value for each in dispatcher(store, channel).dispatch(10).findings]
        let_pass(store, hours=15)

    assert codes == ["D212"] * (len(codes) - 1) + ["D215"]
    assert len(channel.sent) == len(codes) <= ATTEMPTS_MAX
    assert states(store) == [NoticeState.DEAD]


def test_a_channel_that_is_down_is_left_alone(store: Store, tmp_path: Path) -> None:
    """The rest waits; no other channel takes over what this one should carry."""
    planned(store, count=TECHNICAL_MAX + 2)
    channel = ScriptedChannel([Sent(Outcome.TECHNICAL, "ConnectionRefusedError")])

    report = dispatcher(store, channel, FolderChannel(tmp_path / "outbox", name="email")).dispatch(10)

    assert [(each.code.value, each.count) for each in report.findings] == [("D213", TECHNICAL_MAX)]
    assert sorted(states(store)) == [NoticeState.QUEUED] * 2 + [NoticeState.TEMP_FAILED] * TECHNICAL_MAX
    assert not (tmp_path / "outbox").exists()


def test_a_channel_that_takes_many_at_once_and_is_down(store: Store) -> None:
    """What was handed over after it had gone down waits as if it had not been tried."""
    planned(store, count=TECHNICAL_MAX + 2)
    channel = ScriptedChannel([Sent(Outcome.TECHNICAL, "errno 28")], is_repeatable=True)

    report = dispatcher(store, channel).dispatch(10)

    assert [(each.code.value, each.count) for each in report.findings] == [("D213", TECHNICAL_MAX)]
    assert sorted(states(store)) == [NoticeState.QUEUED] * 2 + [NoticeState.TEMP_FAILED] * TECHNICAL_MAX


def test_a_failure_now_and_then_stops_nothing(store: Store) -> None:
    planned(store, count=6)
    outcomes = [Sent(Outcome.TECHNICAL, "x"), Sent(Outcome.ACCEPTED)] * 3

    report = dispatcher(store, ScriptedChannel([*outcomes])).dispatch(10)

    assert report.counts == {NoticeState.TEMP_FAILED: 3, NoticeState.ACCEPTED: 3}


def test_a_message_that_cannot_be_written_is_listed(store: Store) -> None:
    """Planned before a letter learned a new variable."""
    (whole,) = planned(store)
    lame = replace(whole, notice_id="n_lame", values=())
    with store.writing() as tx:
        add_notices(tx, notice_frame(lame), run_id=None)
    channel = ScriptedChannel([Sent(Outcome.ACCEPTED)])

    report = dispatcher(store, channel).dispatch(10)

    assert [each.code.value for each in report.findings] == ["D204"]
    assert report.counts == {NoticeState.ACCEPTED: 1, NoticeState.DEAD: 1}
    assert [each.message_id for each in channel.sent] == [whole.notice_id]


def test_a_limit_is_a_limit(store: Store) -> None:
    planned(store, count=3)

    assert dispatcher(store, ScriptedChannel([Sent(Outcome.ACCEPTED)])).dispatch(2).counts == {NoticeState.ACCEPTED: 2}


def test_noon_is_within_the_first_day() -> None:
    """The messages above are planned on their business date."""
    assert notice(NoticeKind.STARTED).business_date == NOON.date()


def test_what_one_night_opens_for_somebody_is_one_message(store: Store) -> None:
    """A birth opens several policies: one letter with a part for each, under one reference."""
    (first, other) = planned(store, count=2)
    policies = [replace(first, notice_id=f"n_{policy}", policy=policy) for policy in "abc"]
    with store.writing() as tx:
        add_notices(tx, notice_frame(*policies), run_id=None)
    channel = ScriptedChannel([Sent(Outcome.ACCEPTED)])

    report = dispatcher(store, channel).dispatch(10)

    assert report.counts == {NoticeState.ACCEPTED: 5}
    letters = {each.address: each.message for each in channel.sent}
    assert len(channel.sent) == 2
    assert letters["z1@example.org"].subject.startswith("【免申即享】您有4项政策告知：您已享受：重度残疾人护理补贴；")
    assert letters["z1@example.org"].body.count("\n\n区残联\n") == 4
    assert other.business_date == first.business_date


def test_what_several_events_tell_is_one_message_only_where_digests_are_wanted(store: Store) -> None:
    """A decision is a letter of its own, even then."""
    (first,) = planned(store)
    to = {"subject_id": first.subject_id}
    others = [notice(kind, **to) for kind in (NoticeKind.PAID, NoticeKind.AMOUNT_CHANGED, NoticeKind.OVERPAID)]
    with store.writing() as tx:
        add_notices(tx, notice_frame(*others), run_id=None)
    channel = ScriptedChannel([Sent(Outcome.ACCEPTED)])

    replace(dispatcher(store, channel), manners=Manners(digest=("email",))).dispatch(10)

    assert sorted(each.message.template_id.count("+") for each in channel.sent) == [0, 2]
    (decision,) = [each.message for each in channel.sent if "+" not in each.message.template_id]
    assert decision.template_id.startswith("overpaid@")


def test_one_part_that_cannot_be_written_does_not_keep_back_the_others(store: Store) -> None:
    (whole,) = planned(store)
    lame = replace(whole, notice_id="n_lame", policy="other", values=())
    with store.writing() as tx:
        add_notices(tx, notice_frame(lame, replace(whole, notice_id="n_2", policy="third")), run_id=None)
    channel = ScriptedChannel([Sent(Outcome.ACCEPTED)])

    report = dispatcher(store, channel).dispatch(10)

    assert report.counts == {NoticeState.ACCEPTED: 2, NoticeState.DEAD: 1}
    assert [each.code.value for each in report.findings] == ["D204"]


def test_what_travels_together_is_tried_again_together(store: Store) -> None:
    """Refused for now, all parts wait for the same instant."""
    (first,) = planned(store)
    with store.writing() as tx:
        add_notices(tx, notice_frame(replace(first, notice_id="n_2", policy="other")), run_id=None)
    channel = ScriptedChannel([Sent(Outcome.TEMPORARY, "450"), Sent(Outcome.ACCEPTED)])

    dispatcher(store, channel).dispatch(10)
    let_pass(store, minutes=7)
    dispatcher(store, channel).dispatch(10)

    assert [each.message.template_id for each in channel.sent] == ["started@3"] * 2
    assert states(store) == [NoticeState.ACCEPTED] * 2


def test_what_waits_for_a_channel_that_is_not_there_is_listed(store: Store) -> None:
    (one,) = planned(store)
    with store.writing() as tx:
        add_notices(tx, notice_frame(replace(one, notice_id="n_2", channel="sms")), run_id=None)

    report = dispatcher(store, ScriptedChannel([Sent(Outcome.ACCEPTED)])).dispatch(10)

    assert [(each.code.value, each.count) for each in report.findings] == [("D220", 1)]
    assert sorted(states(store)) == [NoticeState.ACCEPTED, NoticeState.QUEUED]


def test_who_is_told_the_same_reads_it_in_the_same_order(store: Store) -> None:
    """What one has comes before what one may ask for, then by policy, whatever ids the notices have."""
    (first,) = planned(store)
    who = first.subject_id
    more = [
        notice(NoticeKind.INFORMED, title="丙", policy="a", subject_id=who),
        notice(title="乙", policy="z", subject_id=who),
    ]
    with store.writing() as tx:
        add_notices(tx, notice_frame(*more), run_id=None)
    channel = ScriptedChannel([Sent(Outcome.ACCEPTED)])

    dispatcher(store, channel).dispatch(10)

    (sent,) = channel.sent
    assert sent.message.subject.endswith("您已享受：重度残疾人护理补贴；您已享受：乙；政策告知：丙")
