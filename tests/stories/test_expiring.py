"""Certificates that end within six months, as nights announce them: once, in time, and only where it matters."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.ledger import NoticeKind
from store.outbox import read_notices
from tests.world import World

REMEDY = "到街道残联换领"
TERMS = "{period: month, pay: {calendar: daily}}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w")
    made.people("abz")
    yield made
    made.store.close()


def card(who: str, through: str, since: str = "2020-01-01") -> dict[str, object]:
    """Return a card."""
    return {"who": who, "等级": 1, "发证": since, "起": since, "止": through}


def told(world: World, who: str = "a") -> list[dict[str, str]]:
    """Return what was announced to somebody, oldest first."""
    with world.store.reading() as rx:
        found = [each.notice for each in read_notices(rx, subjects=[world.subject(who)])]
    return [dict(each.values) for each in reversed(found) if each.kind is NoticeKind.EXPIRING]


def test_a_card_that_ends_within_six_months_is_announced_once(world: World) -> None:
    """On the first night of the six months, with its day, what rests on it, what to do, and whose card it is."""
    world.deliver("cards", [card("a", "2025-08-15"), card("z", "2029-12-31")], on="2025-01-02")
    world.rule(terms=TERMS, remedy=REMEDY)
    world.night("2025-02-14")
    assert told(world) == []

    world.night("2025-02-15")
    world.night("2025-02-16")
    world.night("2025-03-20")

    assert told(world) == [
        {
            "title": "残疾人证",
            "owner": "残联",
            "contact": "残联",
            "expires_on": "2025年8月15日",
            "benefits": "care",
            "remedy": REMEDY,
        }
    ]
    assert told(world, "z") == []


def test_nights_that_did_not_run_are_made_up_for(world: World) -> None:
    """Down for a month: what came into the six months in between is announced."""
    world.deliver("cards", [card("a", "2025-08-15"), card("z", "2029-12-31")], on="2025-01-02")
    world.rule(terms=TERMS, remedy=REMEDY)
    world.night("2025-02-10")

    world.night("2025-03-10")

    assert len(told(world)) == 1


def test_a_card_that_is_renewed_is_not_announced(world: World) -> None:
    """Neither where the new one is there already, nor again for a day that no longer counts."""
    renewed = [card("a", "2025-08-15"), card("a", "2035-08-15", since="2025-08-16")]
    world.deliver("cards", [*renewed, card("b", "2025-08-15")], on="2025-01-02")
    world.rule(terms=TERMS, remedy=REMEDY)
    world.night("2025-02-20")
    assert (told(world), len(told(world, "b"))) == ([], 1)

    world.deliver("cards", [*renewed, card("b", "2035-08-15")], on="2025-03-01")
    world.night("2025-03-02")

    assert len(told(world, "b")) == 1


def test_a_delivery_that_brings_the_end_nearer_is_heard(world: World) -> None:
    world.deliver("cards", [card("a", "2029-12-31"), card("z", "2029-12-31")], on="2025-01-02")
    world.rule(terms=TERMS, remedy=REMEDY)
    world.night("2025-02-20")

    world.deliver("cards", [card("a", "2025-04-30"), card("z", "2029-12-31")], on="2025-03-01")
    world.night("2025-03-02")

    assert [each["expires_on"] for each in told(world)] == ["2025年4月30日"]


def test_who_is_new_hears_of_an_end_that_is_near(world: World) -> None:
    """The card was delivered before; the benefit begins only now."""
    world.deliver("cards", [card("a", "2025-05-31"), card("z", "2029-12-31")], on="2025-01-02")
    world.deliver("stays", [{"编号": "1", "操作": "新增", "who": "z", "起": "2020-01-01"}], on="2025-01-02")
    world.rule(terms=TERMS, remedy=REMEDY, criteria="有证; 居住", example="{有证: true, 居住: true}")
    world.night("2025-02-20")
    assert told(world) == []

    world.deliver("stays", [{"编号": "2", "操作": "新增", "who": "a", "起": "2025-03-01"}], on="2025-03-01")
    world.night("2025-03-02")

    assert [each["expires_on"] for each in told(world)] == ["2025年5月31日"]


def test_an_end_that_nobody_can_do_anything_about_is_not_announced(world: World) -> None:
    world.deliver("cards", [card("a", "2025-08-15"), card("z", "2029-12-31")], on="2025-01-02")
    world.rule(terms=TERMS)

    world.night("2025-02-20")

    assert told(world) == []


def test_the_end_of_what_stands_in_the_way_is_no_expiry(world: World) -> None:
    """A stay that ends, on which nothing rests: by the rule, whoever stays is not met."""
    world.deliver("cards", [card("a", "2029-12-31"), card("z", "2029-12-31")], on="2025-01-02")
    world.deliver(
        "stays", [{"编号": "1", "操作": "新增", "who": "a", "起": "2025-01-01", "止": "2025-05-31"}], on="2025-01-02"
    )
    world.rule(terms=TERMS, remedy=REMEDY, criteria="有证 or 居住", example="{有证: true, 居住: false}")

    world.night("2025-02-20")

    assert told(world) == []


def test_several_benefits_that_rest_on_a_card_are_one_announcement(world: World) -> None:
    world.deliver("cards", [card("a", "2025-08-15"), card("z", "2029-12-31")], on="2025-01-02")
    world.rule(terms=TERMS, remedy=REMEDY)
    world.rule(policy="other", terms=TERMS, remedy="到区残联换领")

    world.night("2025-02-20")

    (said,) = told(world)
    assert (said["benefits"], said["remedy"]) == ("care、other", f"{REMEDY}；到区残联换领")
