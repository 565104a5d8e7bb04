"""One person's decision of a past night, then and now."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import RunError
from engine.codes import RunCode
from engine.replaying.replay import Verdict
from engine.replaying.replay_subject import Decided, replay_subject
from tests.engine.test_run import content
from tests.world import World

NIGHT = "2025-01-31"
CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return two residents, one of them with a card, a rule that pays for cards, and its first night."""
    made = World.at(tmp_path / "w")
    made.people("ab")
    made.deliver("cards", [{"who": "a", **CARD}], on="2025-01-02")
    made.rule(on="2025-01-03")
    made.night(NIGHT)
    yield made
    made.store.close()


def test_then_and_now_with_their_reasons(world: World) -> None:
    """A correction takes the card away from that day on: the decision stands, and what it would be today beside it."""
    world.deliver("cards", [{"who": "b", **CARD}], on="2025-03-01")
    before = content(world)

    replay = replay_subject(world.deployment, NIGHT, world.number("a"))

    (decision,) = replay.decisions
    assert decision.now is not None
    assert (decision.published, replay.verdict) == (Decided("met", 15000), Verdict.EQUAL)
    assert (decision.then.outcome, decision.now.outcome, decision.is_changed) == ("met", "not_met", True)
    assert [fact.words for fact in decision.then.facts] == ["是"]
    assert [criterion.id for criterion in decision.now.failing] == ["c1"]
    assert content(world) == before  # nothing is written, so no vault was opened


def test_whom_the_night_does_not_name_met_nothing(world: World) -> None:
    """The frames of a run leave out who plainly does not meet; that is what was decided."""
    (decision,) = replay_subject(world.deployment, NIGHT, world.subject("b")).decisions

    assert decision.is_equal
    assert decision.published.outcome == "not_met"


def test_a_decision_that_does_not_come_out_again(world: World) -> None:
    """The rule was written over in the database: another amount, and the verdict says so."""
    with world.store.writing() as tx:
        tx.connection.execute(sa.text("update rule_text set text = replace(text, 'amount: 150', 'amount: 950')"))

    replay = replay_subject(world.deployment, NIGHT, world.subject("a"))

    assert replay.verdict is Verdict.DIFFERS


def test_a_policy_repealed_since_has_no_now(world: World) -> None:
    """On that day no version stands by today's activations."""
    world.repeal(stands_from="2025-01-01", on="2025-02-01")

    (decision,) = replay_subject(world.deployment, NIGHT, world.subject("a")).decisions

    assert decision.now is None
    assert (
        json.loads(replay_subject(world.deployment, NIGHT, world.subject("a")).as_json())["decisions"][0]["now"] is None
    )


def test_two_numbers_found_to_be_one_later_are_two_then(world: World) -> None:
    """The night decided about each of them; both decisions are shown to whoever asks for the one."""
    world.people("abc", on="2025-01-20")
    world.night("2025-02-01")
    then = {world.subject("a"), world.subject("c")}
    fix = {"who": "c", "former": "a", "编号": "1", "操作": "新增", "日期": "2025-02-10"}
    world.deliver("corrections", [fix], on="2025-02-10")

    replay = replay_subject(world.deployment, "2025-02-01", world.number("c"))

    assert {each.subject_id for each in replay.decisions} == then
    assert replay.verdict is Verdict.EQUAL


def test_who_came_later_was_not_decided_about(world: World) -> None:
    """The night did not know this number; nobody is told that they did not meet."""
    world.people("abz", on="2025-02-10")

    with pytest.raises(RunError) as caught:
        replay_subject(world.deployment, NIGHT, world.subject("z"))

    assert caught.value.findings[0].code is RunCode.UNKNOWN_SUBJECT


@pytest.mark.parametrize("is_gone", [True, False])
def test_without_what_was_published_nothing_is_claimed(world: World, *, is_gone: bool) -> None:
    """The frame is gone, or is another one: refused."""
    path = world.root / "runs" / NIGHT / "outcomes.parquet"
    if is_gone:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b" ")

    replay = replay_subject(world.deployment, NIGHT, world.subject("a"))

    assert (replay.verdict, replay.decisions) == (Verdict.REFUSED, ())
