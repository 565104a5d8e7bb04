"""Laws of notices, by delivery §11: random histories with crashes between claim, call and record, on both databases."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import CIVIL_ZONE
from core.errors import DeliveryError
from core.ids import derive_id
from core.ledger import NOTICE_CATEGORY, NoticeCategory, NoticeKind
from delivery.attempts import ATTEMPTS_MAX
from delivery.messages import compose
from delivery.notice_templates import RECIPIENT, read_templates
from delivery.notice_values import VARIABLES
from delivery.payees import one_line
from engine.notice_desk import QUEUE
from store.opening import Store
from store.receipts import Receipt, keep_receipts, settle_receipts
from store.states.notices import NOTICE_TRANSITIONS, NoticeState, ReceiptOutcome
from tests.delivery.samples import contact, notice
from tests.laws.outboxes import CHANNELS, HISTORIES, Fate, Outbox, lived
from tests.store.conftest import postgresql, sqlite, store, url  # noqa: F401  # the fixtures of both databases

LAW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
History = Sequence[tuple[object, ...]]
RANK = (
    NoticeState.ACCEPTED,
    NoticeState.EXPIRED,
    NoticeState.UNDELIVERABLE,
    NoticeState.DELIVERED,
)


@LAW
@given(history=HISTORIES)
def test_n1_an_event_has_one_row_for_each_recipient_and_channel(store: Store, history: History) -> None:  # noqa: F811  # pytest gives it
    """N1: planned once or often; no row without an event that was kept."""
    outbox = lived(store, history)

    rows = [(f"{each.notice.subject_id} {each.notice.event}", each.notice.channel) for each in outbox.kept()]
    assert sorted(rows) == sorted((event, channel) for event in outbox.planned for channel in CHANNELS)


@LAW
@given(history=HISTORIES)
def test_n2_nobody_gets_a_message_twice(store: Store, history: History) -> None:  # noqa: F811  # as above
    """N2: whatever dies between claim, call and record, and whatever answer is lost; what was never got is sent again."""
    outbox = lived(store, history)
    outbox.settle()

    received = outbox.received()
    assert not received or max(received.values()) == 1
    for each in outbox.kept():
        if each.state is NoticeState.ACCEPTED:
            assert received[each.notice.notice_id] == 1


@LAW
@given(history=HISTORIES)
def test_n3_what_is_declined_or_too_late_waits_and_what_is_mandatory_does_not(store: Store, history: History) -> None:  # noqa: F811  # as above
    """N3: opt-out and quiet hours hold for all that is not mandatory; what is mandatory is always attempted."""
    outbox = lived(store, history)
    outbox.settle()

    carried, notices = outbox.carried(), {each.notice.notice_id: each for each in outbox.kept()}
    for got in outbox.got:
        for told in (notices[each].notice for each in carried[got.reference]):
            category = NOTICE_CATEGORY[told.kind]
            if category is NoticeCategory.DECISION:
                continue
            assert got.channel != "sms" or dt.time(8) <= got.at.astimezone(CIVIL_ZONE).time() < dt.time(21)
            assert got.at <= outbox.declined.get((told.subject_id, category), got.at)
    mandatory = [each for each in notices.values() if NOTICE_CATEGORY[each.notice.kind] is NoticeCategory.DECISION]
    assert all(each.attempt_count > 0 for each in mandatory)


@LAW
@given(history=HISTORIES, fate=st.sampled_from([Fate.BUSY, Fate.DOWN, Fate.LOST, Fate.LOST_ANSWER, Fate.REFUSED]))
def test_n4_every_message_ends_or_is_listed(store: Store, history: History, fate: Fate) -> None:  # noqa: F811  # as above
    """N4: over a channel that never works again, attempts and age are bounded; nothing hangs about unseen."""
    outbox = lived(store, history)
    outbox.settle(fate)

    for each in outbox.kept():
        is_over = not NOTICE_TRANSITIONS[each.state] or each.state is NoticeState.ACCEPTED
        assert is_over or each.state in QUEUE, each
        assert each.attempt_count <= ATTEMPTS_MAX


WORDS = st.text(st.characters(exclude_categories=["C", "N"]), min_size=1, max_size=30).filter(one_line)


@given(st.data(), st.sampled_from(NoticeKind))
def test_n5_a_letter_is_whole_or_an_error(data: st.DataObject, kind: NoticeKind) -> None:
    """N5: filled with any words, no brace and no word of the letter is left; without one of them it is not written."""
    values = {name: data.draw(WORDS) for name in VARIABLES[kind]}
    whole = replace(notice(kind), values=tuple(values.items()))
    templates = read_templates()

    message = compose([whole], contact(), templates)
    for text in (templates[kind].subject, templates[kind].body, templates[kind].sms):
        assert set(templates[kind].named(text)) <= {*VARIABLES[kind], *RECIPIENT}
    assert message.text
    assert message.body.startswith("张*三：")

    gone = data.draw(st.sampled_from(VARIABLES[kind]))
    with pytest.raises(DeliveryError, match=rf"D204.*`{gone}`"):
        compose([replace(whole, values=tuple((values | {gone: " "}).items()))], contact(), templates)


@LAW
@given(
    outcomes=st.lists(st.sampled_from(ReceiptOutcome), max_size=6),
    cuts=st.sets(st.integers(0, 6)),
    order=st.randoms(use_true_random=False),
)
def test_n6_receipts_never_move_a_message_backwards(
    store: Store,  # noqa: F811  # as above
    outcomes: list[ReceiptOutcome],
    cuts: set[int],
    order: object,
) -> None:
    """N6: twice, late, in any order and in any parts: the state only rises, and ends where it does in the best order."""
    outbox = Outbox.empty(store)
    outbox.plan(0, NoticeKind.OVERPAID, 1)
    outbox.dispatch([Fate.TAKEN])
    reference = next(got.reference for got in outbox.got if got.channel == "email")
    shuffled = sorted(outcomes * 2, key=lambda _: order.random())  # type: ignore[attr-defined]  # hypothesis gives a Random

    seen = [_state(outbox)]
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(shuffled)], strict=True):
        with store.writing() as tx:
            keep_receipts(tx, [Receipt(reference, each) for each in shuffled[start:end]], source="law")
            settle_receipts(tx)
        seen.append(_state(outbox))

    ranks = [RANK.index(state) for state in seen]
    assert ranks == sorted(ranks)
    said = {each.value for each in outcomes}
    assert seen[-1].value == max(("accepted", *said), key=[state.value for state in RANK].index)


def _state(outbox: Outbox) -> NoticeState:
    (state,) = [each.state for each in outbox.kept() if each.notice.channel == "email"]
    return state


def test_the_dedupe_key_is_the_primary_key(store: Store) -> None:  # noqa: F811  # as above
    """N1 and N2 rest on it: event, recipient, policy, kind and channel."""
    outbox = Outbox.empty(store)
    outbox.plan(0, NoticeKind.PAID, 1)

    for each in outbox.kept():
        notice_ = each.notice
        key = (notice_.event, notice_.subject_id, notice_.policy, notice_.kind.value, notice_.channel)
        assert notice_.notice_id == derive_id("n", *key)
