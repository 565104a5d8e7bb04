"""What comes in: once for each number of its source, matched as far as it can be, and sealed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from core.errors import MianshenError, RefusedError, RunError
from core.findings import Code
from core.settings import SettingsCode
from engine.codes import RunCode
from engine.grievances.codes import GrievanceCode
from engine.grievances.hotline_file import COLUMNS, import_hotline
from engine.grievances.intake import Intake, receive
from engine.grievances.rating import Stars, rate
from engine.grievances.views import list_grievances, open_words
from store.positions import read_obligations, read_positions
from store.ratings import read_ratings
from store.states.grievances import GrievanceKind, GrievanceSource
from tests.engine.grievances.stage import come, now
from tests.world import World, day

SAID = Intake(GrievanceKind.UNDONE, GrievanceSource.HOTLINE, "跑了三趟没办成", day("2025-01-31"), external_id="12345-1")


def refused(code: Code, world: World, intake: Intake) -> None:
    """Check that an intake is refused for a reason."""
    with pytest.raises(MianshenError) as refusal:
        receive(world.deployment, intake, by="counter")
    assert refusal.value.findings[0].code is code


def test_the_same_number_twice_is_once(world: World) -> None:
    """With something else it is refused."""
    first, second = (receive(world.deployment, SAID, by="hotline") for _ in range(2))

    assert (first.is_repeated, second.is_repeated) == (False, True)
    assert first.grievance == second.grievance
    refused(GrievanceCode.OTHER_CONTENT, world, replace(SAID, said="别的事"))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"said": " "}, GrievanceCode.NOTHING_SAID),
        ({"said": "长" * 4001}, GrievanceCode.TOO_LONG),
        ({"external_id": "1" * 41}, GrievanceCode.TOO_LONG),
        ({"received_on": day("2025-02-01")}, GrievanceCode.BAD_DAY),
        ({"policy": "nothing-such"}, GrievanceCode.UNKNOWN_ABOUT),
        ({"kind": GrievanceKind.CLAIM}, GrievanceCode.UNKNOWN_ABOUT),
        ({"source": GrievanceSource.COUNTER, "subject": "310118190001010000"}, RunCode.UNKNOWN_SUBJECT),
    ],
)
def test_what_is_not_taken_in(world: World, more: dict[str, Any], code: Code) -> None:
    """Nothing, too much, tomorrow, about nothing; at a counter, about nobody."""
    refused(code, world, replace(SAID, **more))


def test_a_report_about_somebody_who_has_nothing(world: World) -> None:
    """There is nothing to hold and nothing to decide."""
    with pytest.raises(RefusedError) as refusal:
        come(world, GrievanceKind.REPORT, subject=world.subject("b"), policy="care")

    assert refusal.value.findings[0].code is GrievanceCode.UNKNOWN_ABOUT


def test_a_hotline_may_name_whom_nobody_knows(world: World) -> None:
    """Who cannot get it done may be in no register; the number is kept with the contact, sealed."""
    stranger = replace(SAID, subject="310118190001010000", contact="13800001234")

    found = receive(world.deployment, stranger, by="hotline").grievance

    assert found.subject_id is None
    words = open_words(world.deployment, found.grievance_id, by="reader")
    assert words == {"said": "跑了三趟没办成", "contact": "13800001234；310118190001010000"}
    stored = (world.root / "mianshen.db").read_bytes()
    assert not any(secret.encode() in stored for secret in ("跑了三趟没办成", "13800001234", "310118190001010000"))


def book(path: Path, *rows: tuple[str | None, ...]) -> Path:
    """Write a hotline's workbook."""
    made = openpyxl.Workbook()
    for row in (COLUMNS, *rows):
        made.active.append(row)
    made.save(path)
    return path


def test_a_hotlines_file(world: World, tmp_path: Path) -> None:
    """Lines that cannot be taken in are listed with their number; importing it again takes in nothing twice."""
    number = world.number("a")
    path = book(
        tmp_path / "12345.xlsx",
        ("A1", "2025-01-30", "办不成事", number, "care", "13800001234", "材料退回三次"),
        ("A2", "2025/01/30", None, None, None, None, "没人接电话"),
        (None, "2025-01-30", None, None, None, None, "没有编号"),
        ("A4", "昨天", None, None, None, None, "日期不对"),
        ("A5", "2025-01-30", "表扬", None, None, None, "类别不对"),
        ("A6", "2025-01-30", "举报", number, "none", None, "事项不对"),
        ("A2", "2025/01/30", None, None, None, None, "同号不同事"),
    )

    first, second = (import_hotline(world.deployment, path, by="clerk") for _ in range(2))

    assert (len(first.received), first.repeated_count) == (2, 0)
    assert [(each.place.line, each.code) for each in first.rejected] == [
        (3, GrievanceCode.BAD_LINE),
        (4, GrievanceCode.BAD_LINE),
        (5, GrievanceCode.BAD_LINE),
        (6, GrievanceCode.UNKNOWN_ABOUT),
        (7, GrievanceCode.OTHER_CONTENT),
    ]
    assert (len(second.received), second.repeated_count, len(second.rejected)) == (0, 2, 5)
    assert {line.grievance.subject_id for line in list_grievances(world.deployment)} == {world.subject("a"), None}


def test_a_file_of_something_else(world: World, tmp_path: Path) -> None:
    """It says which columns it lacks."""
    path = tmp_path / "list.csv"
    path.write_text("工单编号,内容\nA1,没人接\n", "utf-8")

    with pytest.raises(RunError) as fault:
        import_hotline(world.deployment, path, by="clerk")

    assert fault.value.findings[0].code is GrievanceCode.BAD_LINE
    assert "`来电日期`、`诉求内容`" in str(fault.value)
    for name in ("none.csv", "none.xlsx"):
        with pytest.raises(RunError) as absent:
            import_hotline(world.deployment, tmp_path / name, by="clerk")
        assert absent.value.findings[0].code is SettingsCode.NO_ACCESS


def test_ratings(world: World) -> None:
    """Who was satisfied is counted; who was not is called back; once for each payment."""
    world.night("2025-02-28")
    item = _item_of_period(world, "2025-01")

    kept = rate(world.deployment, Stars(item, 2, "来得太晚"), by="page")

    assert kept.grievance is not None
    opened = now(world, kept.grievance)
    assert (opened.kind, opened.source, opened.subject_id, opened.policy) == (
        GrievanceKind.DISSATISFIED, GrievanceSource.RATING, world.subject("a"), "care"
    )  # fmt: skip
    with world.store.reading() as rx:
        assert read_ratings(rx).select("about", "stars", "grievance_id").rows() == [(item, 2, opened.grievance_id)]
    for about, code in (
        (item, GrievanceCode.RATED_ALREADY),
        (_item_of_period(world, "2025-02"), GrievanceCode.UNKNOWN_ABOUT),
        ("i_none", GrievanceCode.UNKNOWN_ABOUT),
        (opened.grievance_id, GrievanceCode.UNKNOWN_ABOUT),
    ):
        with pytest.raises(RefusedError) as refusal:
            rate(world.deployment, Stars(about, 5), by="page")
        assert refusal.value.findings[0].code is code


def test_a_good_rating_opens_nothing(world: World) -> None:
    """Three stars and more are no complaint."""
    assert rate(world.deployment, Stars(_item_of_period(world, "2025-01"), 3), by="page").grievance is None


def _item_of_period(world: World, period: str) -> str:
    with world.store.reading() as rx:
        keys = read_positions(rx, policy="care", subjects=[world.subject("a")])["obligation_id"].to_list()
        (own,) = [each for each in read_obligations(rx, keys) if each.period == period]
    return own.items[0].item_id
