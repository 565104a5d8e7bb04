import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import DeliveryError
from core.ledger import NoticeKind
from core.settings import Channels, Settings
from delivery.notice_values import VARIABLES
from delivery.notices import Telling, plan_notices
from delivery.routes import Routes, routes_of
from store.opening import Store
from store.outbox import read_notices
from tests.delivery.a_store import add_person, empty_store
from tests.delivery.samples import POLICY, SAID

ROUTES = Routes({"person": ("email", "sms"), "enterprise": ("inbox",)}, Channels())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a new store."""
    with empty_store(tmp_path) as opened:
        yield opened


def telling(subject_id: str, kind: NoticeKind = NoticeKind.OVERPAID) -> Telling:
    """Return something to tell about a case."""
    values = {name: SAID[name] for name in VARIABLES[kind]}
    return Telling(kind, subject_id, POLICY, "case c_1", dt.date(2025, 8, 1), values)


def kept(store: Store) -> list[tuple[str, str, str]]:
    """Return channel, state and event of every row."""
    with store.reading() as rx:
        found = read_notices(rx)
    return sorted((each.notice.channel, each.state.value, each.notice.event) for each in found)


def test_each_channel_of_the_subject_has_one_row_however_often_it_is_planned(store: Store) -> None:
    """N1: one per event, recipient and channel; planned again it is there already."""
    person = add_person(store, "1", {"name": "张小三"})
    firm = add_person(store, "2", {"name": "某公司"}, kind="enterprise")
    told = [telling(person), telling(firm), telling(person)]

    with store.writing() as tx:
        assert plan_notices(tx, ROUTES, told) == 3
    with store.writing() as tx:
        assert plan_notices(tx, ROUTES, told) == 0

    assert kept(store) == [
        ("email", "queued", "case c_1"),
        ("inbox", "accepted", "case c_1"),
        ("sms", "queued", "case c_1"),
    ]


def test_a_notice_belongs_to_the_transaction_of_its_event(store: Store) -> None:
    """N1: no row without event."""
    person = add_person(store, "1", {"name": "张小三"})

    with suppress(KeyboardInterrupt), store.writing() as tx:
        plan_notices(tx, ROUTES, [telling(person)])
        raise KeyboardInterrupt

    assert kept(store) == []


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_word_that_is_missing_is_found_when_it_is_planned(store: Store, kind: NoticeKind) -> None:
    """N5: never an empty word in a letter."""
    whole = telling(add_person(store, "1", {"name": "张小三"}), kind)
    lame = replace(whole, values=dict(whole.values) | {VARIABLES[kind][-1]: ""})

    with store.writing() as tx, pytest.raises(DeliveryError, match=rf"D204.*`{VARIABLES[kind][-1]}`"):
        plan_notices(tx, ROUTES, [lame])


def settings(**said: object) -> Settings:
    """Return the settings of a workspace."""
    return Settings.model_validate({"name": "x", "region": "310118"} | said)


def test_who_sets_nothing_is_told_over_what_is_set_up() -> None:
    """The folder where there is nothing else; firms have an inbox on their pages beside it."""
    mail = {"smtp": {"host": "mail", "from": "a@b.example"}}

    assert routes_of(settings()).of("person") == ("folder",)
    assert routes_of(settings()).of("enterprise") == ("folder", "inbox")
    assert routes_of(settings(channels=mail)).of("enterprise") == ("email", "inbox")
    assert routes_of(settings(channels=mail)).of("dwelling") == ("email",)


def test_what_an_operator_sets_counts() -> None:
    chosen = routes_of(settings(notices={"channels": {"person": ["sms", "email", "sms"], "household": []}}))

    assert chosen.of("person") == ("sms", "email")
    assert chosen.of("household") == ("folder",)
