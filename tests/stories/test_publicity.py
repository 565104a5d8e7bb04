"""公示: a masked list for so many working days; a signed objection holds its line; closing lets the others through."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from core.errors import RefusedError
from core.ledger import ActKind, NoticeKind
from engine.lanes.codes import LaneCode
from engine.lanes.lists import confirm_list
from engine.lanes.publicity import (
    Objecting,
    close_publicity,
    decide,
    object_to,
    open_publicity,
    public_lists,
    write_again,
)
from store.grants import read_acts, read_grants
from store.outbox import read_notices
from store.states.lanes import ObjectionState
from tests.world import POLICY, World

TERMS = "{period: month, counts: last_day, publicity: {working_days: 5}, pay: {calendar: daily}}"
NEIGHBOUR = Objecting("邻居老李", "13800001111", "他去年搬走了", "clerk")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world in which a and b were found on 2025-03-31, and publicity is asked for."""
    made = World.at(tmp_path / "w")
    made.people("abc", on="2025-03-01")
    made.deliver("cards", [card("a"), card("b")], on="2025-03-01")
    made.rule(terms=TERMS, stands_from="2025-03-01")
    made.night("2025-03-31")
    made.on("2025-04-01")
    yield made
    made.store.close()


def card(who: str) -> dict[str, object]:
    """Return a card."""
    return {"who": who, "等级": 3, "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


def states(world: World) -> dict[str, str]:
    """Return the state of everybody's grant, by letter."""
    letters = {world.subject(who): who for who in "abc"}
    with world.store.reading() as rx:
        return {
            letters[who]: state for who, state in read_grants(rx, policy=POLICY).select("subject_id", "state").rows()
        }


def opened(world: World) -> str:
    """Open the list and return its id."""
    return open_publicity(world.deployment, POLICY, world.root / "public", by="officer").record.list_id


def line_of(world: World, who: str) -> int:
    """Return somebody's line: lines go by grant."""
    with world.store.reading() as rx:
        return read_grants(rx, policy=POLICY)["subject_id"].to_list().index(world.subject(who)) + 1


def test_five_working_days_then_paid(world: World) -> None:
    """04-01 + 2, 3, (4 清明), 7, 8, 9: through the 9th; nothing is paid before it is closed, and closing waits for the 10th."""
    list_id = opened(world)
    world.night("2025-04-09")
    world.on("2025-04-10")
    before = states(world), world.items("a")
    world.on("2025-04-10")
    closed = close_publicity(world.deployment, list_id, by="officer")
    world.night("2025-04-30")

    with world.store.reading() as rx:
        (listed,) = public_lists(rx)
        letters = [each.notice.kind for each in read_notices(rx, subjects=[world.subject("a")])][::-1]
    assert listed.record.through == dt.date(2025, 4, 9)
    assert before == ({"a": "publicised", "b": "publicised"}, {})
    assert closed == (2, 0)
    assert states(world) == {"a": "active", "b": "active"}
    assert list(world.items("a")) == ["2025-03", "2025-04"]
    assert letters == [NoticeKind.PUBLICISED, NoticeKind.STARTED]


def test_it_cannot_be_closed_on_its_last_day(world: World) -> None:
    """The last day belongs to the public."""
    list_id = opened(world)
    world.on("2025-04-09")

    with pytest.raises(RefusedError) as caught:
        close_publicity(world.deployment, list_id, by="officer")

    assert [each.code for each in caught.value.findings] == [LaneCode.BAD_DAY]


def test_the_files_show_nobody(world: World) -> None:
    """Canaries: no full name, no full number, no account in any file that is made; ends only."""
    list_id = opened(world)
    made = write_again(world.deployment, list_id, world.root / "again", by="officer")
    names = [f"某{who}".encode() for who in "ab"]
    numbers = [world.number(who).encode() for who in "ab"]
    page, book = (path.read_bytes() for path in made.files)
    cells = [str(cell.value) for row in openpyxl.load_workbook(made.files[1]).worksheets[0] for cell in row]

    assert [word for word in (*names, *numbers, b"62220000") if word in page] == []
    assert [cell for cell in cells if any(word.decode() in cell for word in (*names, *numbers))] == []
    assert "某*".encode() in page
    assert b"310118********" in page
    assert b"http" not in page
    assert {path.read_bytes() for path in (world.root / "public").iterdir()} == {page, book}


def test_a_signed_objection_holds_its_line_alone(world: World) -> None:
    """Held past the end of the list; dismissed by another person, it is through, and paid for all months."""
    list_id = opened(world)
    made = object_to(world.deployment, list_id, line_of(world, "b"), NEIGHBOUR)
    held = states(world)
    world.on("2025-04-10")
    closed = close_publicity(world.deployment, list_id, by="officer")
    world.night("2025-04-30")
    waiting = states(world), world.items("b")
    world.on("2025-05-06")
    decided = decide(world.deployment, made.objection_id, is_upheld=False, by="chief", reason="户籍仍在本区")
    world.night("2025-05-31")

    assert held == {"a": "publicised", "b": "objected"}
    assert (closed, waiting) == ((1, 1), ({"a": "active", "b": "objected"}, {}))
    assert decided.state is ObjectionState.DISMISSED
    assert states(world) == {"a": "active", "b": "active"}
    assert list(world.items("b")) == ["2025-03", "2025-04", "2025-05"]


def test_dismissed_before_the_end_it_waits_for_the_end(world: World) -> None:
    """Two object to one line: it is free only once both are decided, and through only once the list is closed."""
    list_id = opened(world)
    line = line_of(world, "b")
    made = object_to(world.deployment, list_id, line, NEIGHBOUR)
    world.on("2025-04-02")
    second = object_to(world.deployment, list_id, line, Objecting("老王", "地址", "听说的", "clerk"))
    seen = []
    for each in (made, second):
        decide(world.deployment, each.objection_id, is_upheld=False, by="chief", reason="查无此事")
        seen.append(states(world)["b"])
    world.night("2025-04-08")
    before = states(world)["b"]
    world.on("2025-04-10")
    close_publicity(world.deployment, list_id, by="officer")
    world.night("2025-04-30")

    assert (seen, before) == (["objected", "checked"], "checked")
    assert states(world) == {"a": "active", "b": "active"}


def test_an_upheld_objection_strikes_the_line(world: World) -> None:
    """Nothing is paid, and no night proposes it again, until the department restores it."""
    list_id = opened(world)
    made = object_to(world.deployment, list_id, line_of(world, "b"), NEIGHBOUR)
    decide(world.deployment, made.objection_id, is_upheld=True, by="chief", reason="已迁出")
    world.on("2025-04-10")
    close_publicity(world.deployment, list_id, by="officer")
    world.night("2025-04-30")

    assert states(world) == {"a": "active", "b": "withdrawn"}
    assert world.items("b") == {}


@pytest.mark.parametrize(
    ("how", "code"),
    [
        pytest.param(Objecting("", "13800001111", "x", "clerk"), LaneCode.ANONYMOUS, id="no-name"),
        pytest.param(Objecting("老李", " ", "x", "clerk"), LaneCode.ANONYMOUS, id="no-way-to-answer"),
        pytest.param(Objecting("老李", "13800001111", "", "clerk"), LaneCode.NO_REASON, id="nothing-said"),
    ],
)
def test_an_anonymous_objection_is_refused_with_the_reason(world: World, how: Objecting, code: LaneCode) -> None:
    """The line is not held, and nothing is kept."""
    list_id = opened(world)

    with pytest.raises(RefusedError) as caught:
        object_to(world.deployment, list_id, 1, how)

    with world.store.reading() as rx:
        assert public_lists(rx)[0].objections == ()
    assert [each.code for each in caught.value.findings] == [code]
    assert set(states(world).values()) == {"publicised"}


def test_who_objects_is_sealed(world: World) -> None:
    """Neither name nor words stand in the database in the clear, nor in what anybody is shown."""
    list_id = opened(world)
    made = object_to(world.deployment, list_id, 1, NEIGHBOUR)

    kept = (world.root / "mianshen.db").read_bytes()
    assert [word for word in ("邻居老李", "13800001111", "他去年搬走了") if word.encode() in kept] == []
    assert [word for word in ("老李", "1380000", "搬走") if word in repr(made) + repr(NEIGHBOUR)] == []


def test_whoever_received_it_does_not_decide_it(world: World) -> None:
    """Another person does, with a reason, and once."""
    list_id = opened(world)
    made = object_to(world.deployment, list_id, 1, NEIGHBOUR)
    codes = []
    for by, reason in (("clerk", "查无此事"), ("chief", " "), ("chief", "查无此事"), ("other", "查无此事")):
        try:
            decide(world.deployment, made.objection_id, is_upheld=False, by=by, reason=reason)
        except RefusedError as fault:
            codes.append(fault.findings[0].code)

    assert codes == [LaneCode.OWN_DECISION, LaneCode.NO_REASON, LaneCode.NOTHING_WAITS]


def test_who_stands_on_a_list_is_not_listed_twice(world: World) -> None:
    """Somebody found later comes on a list of their own."""
    opened(world)
    with pytest.raises(RefusedError):
        opened(world)
    world.deliver("cards", [card("a"), card("b"), card("c")], on="2025-04-02")
    world.night("2025-04-30")
    opened(world)

    with world.store.reading() as rx:
        assert [each.record.line_count for each in public_lists(rx)] == [2, 1]


def test_the_department_comes_before_the_public(world: World) -> None:
    """Where the rule asks for both, only checked lines go public."""
    terms = TERMS.replace("publicity", "checked_by: 区残联, publicity")
    world.rule(policy="both", terms=terms, stands_from="2025-03-01", on="2025-04-01")
    world.night("2025-04-30")
    with pytest.raises(RefusedError) as caught:
        open_publicity(world.deployment, "both", world.root, by="officer")
    confirm_list(world.deployment, "both", by="department")
    made = open_publicity(world.deployment, "both", world.root / "both", by="officer")

    assert [each.code for each in caught.value.findings] == [LaneCode.NOTHING_WAITS]
    assert made.record.line_count == 2


def test_acts_say_what_happened(world: World) -> None:
    """Put up, objected, dismissed, cleared: each with who did it."""
    list_id = opened(world)
    made = object_to(world.deployment, list_id, 1, NEIGHBOUR)
    decide(world.deployment, made.objection_id, is_upheld=False, by="chief", reason="查无此事")
    world.on("2025-04-10")
    close_publicity(world.deployment, list_id, by="officer")

    with world.store.reading() as rx:
        done = [(act.kind, act.by) for act in read_acts(rx, grants=[made.grant_id])]
    assert done == [
        (ActKind.PUBLICISE, "officer"),
        (ActKind.OBJECT, "clerk"),
        (ActKind.DISMISS, "chief"),
        (ActKind.CLEAR, "officer"),
    ]
