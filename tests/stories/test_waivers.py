"""Somebody gives a benefit up, by a clerk, and takes it back: months, states, letters, the register."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from core.errors import RefusedError
from engine.lanes.codes import LaneCode
from engine.lanes.waiver_register import write_register
from engine.lanes.waivers import Waiver, Waiving, register, revoke, waive
from store.grants import read_grants
from store.outbox import read_notices
from store.vault_openings import read_openings
from tests.world import POLICY, World

MONTHLY = "{period: month, counts: last_day, pay: {calendar: daily}}"
HOW = Waiving("clerk", "子女供养，不需要", witness="王干部", signed_by="某甲的女儿")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world in which a has had 150 since January."""
    made = World.at(tmp_path / "w")
    made.people("ab", on="2025-01-02")
    made.deliver(
        "cards",
        [{"who": "a", "等级": 3, "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}],
        on="2025-01-02",
    )
    made.rule(terms=MONTHLY)
    made.night("2025-02-28", pays=True)
    yield made
    made.store.close()


def state(world: World) -> str:
    """Return where a's grant stands."""
    with world.store.reading() as rx:
        return str(read_grants(rx, policy=POLICY, subjects=[world.subject("a")])["state"][0])


def kept(world: World) -> list[Waiver]:
    """Return the register."""
    with world.store.reading() as rx:
        return register(rx)


def told(world: World) -> list[str]:
    """Return what a was told of what was recorded, oldest first."""
    with world.store.reading() as rx:
        notices = read_notices(rx, subjects=[world.subject("a")])
    return [dict(each.notice.values)["reasons"] for each in notices[::-1] if each.notice.kind == "recorded"]


def test_waived_in_march_and_taken_back_in_june(world: World) -> None:
    """The month of the waiver is paid, April and May never are, June is; the state shows at once, and the subject is told."""
    world.on("2025-03-10")
    waive(world.deployment, POLICY, world.number("a"), HOW)
    at_once = state(world)
    for date in ("2025-03-31", "2025-04-30", "2025-05-31"):
        world.night(date)
    between = state(world), world.items("a")

    world.on("2025-06-05")
    revoke(world.deployment, POLICY, world.number("a"), Waiving("other clerk"))
    world.night("2025-06-30")

    assert at_once == "waived"
    assert between == ("waived", {f"2025-0{month}": [150] for month in (1, 2, 3)})
    assert list(world.items("a")) == ["2025-01", "2025-02", "2025-03", "2025-06"]
    assert state(world) == "active"
    assert [each.split("，")[0] for each in told(world)] == ["自愿放弃", "撤回自愿放弃"]
    assert all("帮办代办" in each for each in told(world))


def test_the_register_has_every_word_and_no_name_in_the_clear(world: World) -> None:
    """Reason, day, by whom, before whom, taken back when; who signed is sealed until somebody prints it, which is recorded."""
    world.on("2025-03-10")
    waive(world.deployment, POLICY, world.number("a"), HOW)
    world.on("2025-06-05")
    revoke(world.deployment, POLICY, world.number("a"), Waiving("other clerk"))
    (line,) = kept(world)
    path = world.root / "register.xlsx"
    count = write_register(world.deployment, path, by="chief")

    page = openpyxl.load_workbook(path).worksheets[0]
    cells = [str(cell.value) for row in page.iter_rows(min_row=5, max_row=5) for cell in row]
    with world.store.reading() as rx:
        openings = read_openings(rx).filter(because="waiver register")
    assert (line.given.reason, line.given.by, line.given.witness, line.given.is_assisted) == (
        "子女供养，不需要",
        "clerk",
        "王干部",
        True,
    )
    assert line.revoked is not None
    assert line.revoked.acted_on == dt.date(2025, 6, 5)
    assert (count, cells[2], cells[7], cells[12]) == (1, "某a", "某甲的女儿", "已撤回")
    assert openings["opened_by"].to_list() == ["chief", "chief"]
    assert "某甲的女儿".encode() not in (world.root / "mianshen.db").read_bytes()


@pytest.mark.parametrize("on", [dt.date(2025, 2, 10), dt.date(2025, 3, 1)], ids=["last-month", "this-month"])
def test_a_form_signed_earlier_counts_from_its_day(world: World, on: dt.date) -> None:
    """Handed in on 03-10: signed in February, March is not due; signed in March, it is."""
    world.on("2025-03-10")
    waive(world.deployment, POLICY, world.number("a"), Waiving("clerk", "不需要", on=on))
    world.night("2025-04-30")

    assert list(world.items("a"))[2:] == (["2025-03"] if on.month == 3 else [])


def test_a_waiver_of_what_was_paid_already_becomes_a_case(world: World) -> None:
    """Signed in January, handed in after February was paid: February is claimed back by a person, not by a machine."""
    world.on("2025-03-10")
    waive(world.deployment, POLICY, world.number("a"), Waiving("clerk", "不需要", on=dt.date(2025, 1, 20)))
    world.night("2025-03-31")

    assert world.cases("a") == {"2025-02": 150}


@pytest.mark.parametrize(
    ("deeds", "code"),
    [
        pytest.param([(waive, Waiving("clerk", " "))], LaneCode.NO_REASON, id="no-reason"),
        pytest.param([(waive, HOW), (waive, HOW)], LaneCode.NOT_NOW, id="twice"),
        pytest.param([(revoke, HOW)], LaneCode.NOT_NOW, id="nothing-to-take-back"),
        pytest.param([(waive, HOW), (revoke, HOW), (revoke, HOW)], LaneCode.NOT_NOW, id="taken-back-twice"),
        pytest.param([(waive, Waiving("clerk", "x", on=dt.date(2025, 3, 11)))], LaneCode.BAD_DAY, id="tomorrow"),
        pytest.param(
            [(waive, HOW), (revoke, Waiving("clerk", on=dt.date(2025, 3, 9)))],
            LaneCode.BAD_DAY,
            id="before-it-was-given",
        ),
    ],
)
def test_what_cannot_be_recorded_is_refused(world: World, deeds: list[tuple[object, Waiving]], code: LaneCode) -> None:
    """Nothing of the last deed is kept, and nobody is told of it."""
    world.on("2025-03-10")
    *before, (last, how) = deeds
    for deed, said in before:
        deed(world.deployment, POLICY, world.number("a"), said)  # type: ignore[operator]  # one of two functions
    lines, letters = kept(world), told(world)

    with pytest.raises(RefusedError) as caught:
        last(world.deployment, POLICY, world.number("a"), how)  # type: ignore[operator]  # one of two functions

    assert [each.code for each in caught.value.findings] == [code]
    assert (kept(world), told(world)) == (lines, letters)


def test_who_has_no_grant_cannot_waive(world: World) -> None:
    """There is nothing to give up yet: b has no card."""
    world.on("2025-03-10")

    with pytest.raises(RefusedError) as caught:
        waive(world.deployment, POLICY, world.number("b"), HOW)

    assert [each.code for each in caught.value.findings] == [LaneCode.NO_GRANT]


def test_waived_and_no_longer_met_has_ended(world: World) -> None:
    """A waiver is of what one could have: once the card is gone, the grant has ended, waived or not."""
    world.on("2025-03-10")
    waive(world.deployment, POLICY, world.number("a"), HOW)
    world.deliver("cards", [{"who": "b", "等级": 3, "发证": "2020-01-01", "起": "2020-01-01"}], on="2025-04-02")
    world.night("2025-04-30")

    assert state(world) == "ended"
