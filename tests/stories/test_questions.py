"""快申快享: one fact is missing, one question is asked, and the answer is a fact that a department overrules."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from core.errors import RefusedError
from core.ledger import NoticeKind
from engine.lanes.answers import Given, answer
from engine.lanes.codes import LaneCode
from engine.lanes.consent import Answering
from store.grants import read_grants
from store.outbox import read_notices
from tests.world import POLICY, World, day
from tests.world_catalogue import DECLARED

TERMS = "{period: month, counts: last_day, asks: {fact: 行业, writes: declared}, pay: {calendar: daily}}"
CLERK = Answering("clerk")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world in which a and b have cards, c has none, and nobody knows in which trade a and c work."""
    made = World.at(tmp_path / "w", DECLARED)
    made.people("abc", on="2025-03-01")
    made.deliver("cards", [card("a"), card("b")], on="2025-03-01")
    made.deliver("jobs", [{"who": "b", "行业": "农业", "起": "2020-01-01"}], on="2025-03-01")
    made.rule(
        lane="guided",
        criteria='有证; 行业 == "农业"',
        example="{有证: true, 行业: 农业}",
        terms=TERMS,
        stands_from="2025-03-01",
    )
    yield made
    made.store.close()


def card(who: str) -> dict[str, object]:
    """Return a card."""
    return {"who": who, "等级": 3, "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


def states(world: World) -> dict[str, str]:
    """Return the state of everybody's grant, by letter."""
    letters = {world.subject(who): who for who in "abc"}
    with world.store.reading() as rx:
        return {letters[who]: state for who, state in read_grants(rx).select("subject_id", "state").rows()}


def told(world: World, who: str) -> list[tuple[str, str]]:
    """Return the kinds of the letters to somebody, with their reasons, oldest first."""
    with world.store.reading() as rx:
        notices = read_notices(rx, subjects=[world.subject(who)])[::-1]
    return [(each.notice.kind, dict(each.notice.values).get("reasons", "")) for each in notices]


def test_only_whoever_lacks_exactly_this_fact_is_asked(world: World) -> None:
    """A is asked once, in words made from the fact; c lacks a card too and is not met whatever the answer; b is known."""
    for date in ("2025-03-31", "2025-04-01", "2025-04-30"):
        world.night(date)

    question = "行业是以下哪一项：农业、工业、服务业"
    assert told(world, "a") == [(NoticeKind.ASKED, question)]
    assert told(world, "c") == []
    assert states(world) == {"b": "asked"}


def test_the_answer_is_a_fact_and_the_claim(world: World) -> None:
    """Answered on 04-10, so since March: paid from then on without another word; who recorded it is told."""
    world.night("2025-03-31")
    world.on("2025-04-10")
    answer(world.deployment, POLICY, world.number("a"), Given("农业", day("2025-03-15")), CLERK)
    world.night("2025-04-30")

    assert states(world)["a"] == "active"
    assert list(world.items("a")) == ["2025-03", "2025-04"]
    assert [kind for kind, _ in told(world, "a")] == [NoticeKind.ASKED, NoticeKind.RECORDED, NoticeKind.STARTED]
    assert "帮办代办" in told(world, "a")[1][1]


def test_an_answer_that_does_not_meet_opens_nothing(world: World) -> None:
    """工业 is known now, and not what the rule asks for: nothing is opened, and nothing asked again."""
    world.night("2025-03-31")
    world.on("2025-04-10")
    answer(world.deployment, POLICY, world.number("a"), Given("工业"), CLERK)
    world.night("2025-04-30")
    world.night("2025-05-31")

    assert "a" not in states(world)
    assert [kind for kind, _ in told(world, "a")] == [NoticeKind.ASKED, NoticeKind.RECORDED]


def test_a_department_that_knows_stands_above_the_answer(world: World) -> None:
    """Paid on the word of a; the register then says 服务业 since February: what was paid becomes a case."""
    world.night("2025-03-31")
    world.on("2025-04-10")
    answer(world.deployment, POLICY, world.number("a"), Given("农业", day("2025-03-15")), CLERK)
    world.night("2025-04-30", pays=True)
    rows = [
        {"who": "b", "行业": "农业", "起": "2020-01-01"},
        {"who": "a", "行业": "服务业", "起": "2025-02-01"},
    ]
    world.deliver("jobs", rows, on="2025-05-06")
    world.night("2025-05-31")

    assert world.cases("a") == {"2025-03": 150, "2025-04": 150}
    assert states(world)["a"] == "ended"


def test_a_question_is_settled_when_a_department_tells(world: World) -> None:
    """What is known by then cannot be answered any more."""
    world.night("2025-03-31")
    rows = [{"who": who, "行业": "工业", "起": "2020-01-01"} for who in "ab"]
    world.deliver("jobs", rows, on="2025-04-02")
    world.night("2025-04-30")
    world.on("2025-05-06")

    with pytest.raises(RefusedError) as caught:
        answer(world.deployment, POLICY, world.number("a"), Given("农业"), CLERK)

    assert [each.code for each in caught.value.findings] == [LaneCode.NOTHING_WAITS]


@pytest.mark.parametrize(
    ("who", "given", "code"),
    [
        pytest.param("a", Given("渔业"), LaneCode.NO_VALUE, id="no-such-value"),
        pytest.param("a", Given("农业", day("2025-04-11")), LaneCode.BAD_DAY, id="from-tomorrow"),
        pytest.param("c", Given("农业"), LaneCode.NOTHING_WAITS, id="nobody-asked"),
    ],
)
def test_what_is_no_answer_is_refused(world: World, who: str, given: Given, code: LaneCode) -> None:
    """No load comes of it, and the question stays open."""
    world.night("2025-03-31")
    world.on("2025-04-10")

    with pytest.raises(RefusedError) as caught:
        answer(world.deployment, POLICY, world.number(who), given, CLERK)

    assert [each.code for each in caught.value.findings] == [code]
    assert not list((world.root / "snapshots" / "declared").glob("l_*.parquet"))


def test_the_answer_is_known_from_its_instant_on(world: World) -> None:
    """The load holds who, since when and what, and no name."""
    world.night("2025-03-31")
    world.on("2025-04-10")
    load_id = answer(world.deployment, POLICY, world.number("a"), Given("农业"), CLERK)

    frame = pl.read_parquet(world.root / "snapshots" / "declared" / f"{load_id}.parquet")
    assert frame.select("subject_id", "valid_from", "operation", "行业").rows() == [
        (world.subject("a"), day("2025-04-10"), "upsert", "农业")
    ]
