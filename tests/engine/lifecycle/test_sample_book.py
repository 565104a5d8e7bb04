"""A sample as a workbook: out, judged in a spreadsheet, and back; what a spreadsheet did to it is refused with its row."""

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from core.errors import RunError
from engine.entry_books import TEXT_MAX, Entries, render_book, rows_of_book
from engine.lifecycle.codes import LifecycleCode
from engine.lifecycle.sample_file import Judged, form_of, record_verdicts, write_sample
from engine.lifecycle.sample_table import FORM
from engine.lifecycle.sampling import draw_sample
from tests.world import POLICY, World

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world with a rule in its first shadow night and four people, two of whom have a card."""
    made = World.at(tmp_path)
    made.people("abcd")
    made.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-01-02")
    made.rule(on="2025-01-03", shadow_nights=2)
    made.night("2025-01-13")
    yield made
    made.store.close()


@pytest.fixture
def book(world: World) -> Path:
    """Return a sample of all four as a workbook."""
    path = world.root / "sample.xlsx"
    write_sample(draw_sample(world.deployment, POLICY, count=4, seed=1, by="officer"), path)
    return path


def edit(path: Path, change: Callable[[Any], object]) -> None:
    """Open a workbook as a person does, change its sheet of cases, and save it."""
    opened = openpyxl.load_workbook(path)
    change(opened[FORM.sheet])
    opened.save(path)


def judge(sheet: Any, *words: str) -> None:  # noqa: ANN401  # it ships no types
    """Write a verdict behind each case, and a note behind the first."""
    for row, word in enumerate(words, start=2):
        sheet.cell(row, 7).value = word or None
    sheet.cell(2, 8).value = "看过"


def test_out_and_back(world: World, book: Path) -> None:
    """Verdicts chosen in the workbook are kept; what is not judged stays open, and may come back later."""
    edit(book, lambda sheet: judge(sheet, "对", "对", "对", ""))
    assert record_verdicts(world.deployment, book, by="second officer") == Judged(4, 3, 0)

    edit(book, lambda sheet: judge(sheet, "对", "对", "对", "对"))
    assert record_verdicts(world.deployment, book, by="second officer").is_right


def test_both_forms_say_the_same(world: World, book: Path) -> None:
    """A CSV file of the same draw has the same rows, and the same seed gives the same bytes."""
    drawn = draw_sample(world.deployment, POLICY, count=4, seed=1, by="officer")
    write_sample(drawn, world.root / "again.xlsx")
    write_sample(drawn, world.root / "same.csv")

    assert (world.root / "again.xlsx").read_bytes() == book.read_bytes()
    lines, spoilt = rows_of_book(book, FORM)
    text = (world.root / "same.csv").read_text("utf-8-sig")
    assert text.splitlines() == [",".join(line.cells) for line in lines]
    assert spoilt == []


def test_every_cell_is_text_and_a_verdict_is_chosen_from_a_list(book: Path) -> None:
    """No number, no formula; only the last two columns can be changed, and a list offers the two verdicts."""
    opened = openpyxl.load_workbook(book)
    sheet = opened[FORM.sheet]

    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for row in sheet.iter_rows(min_row=2) for cell in row} == {"@"}
    assert sheet.protection.sheet
    assert {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked} == {
        f"{column}{row}" for column in "GH" for row in range(2, 6)
    }
    (choice,) = sheet.data_validations.dataValidation
    assert (choice.formula1, str(choice.sqref)) == ('"对,错"', "G2:G5")


def test_nothing_that_was_delivered_is_ever_a_formula(tmp_path: Path) -> None:
    """What begins like a formula stands as it was delivered; a text that no cell can hold is cut, and says so."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(
        render_book(
            [["a", "b", "x"], ["=1+1", "@SUM(A1)", ""], ["长" * 40_000, "0118", ""]],
            replace(FORM, entries=Entries(1, ("对",))),
        )
    )

    sheet = openpyxl.load_workbook(path)[FORM.sheet]

    assert [cell.value for cell in sheet[2]][:2] == ["=1+1", "@SUM(A1)"]
    assert {cell.data_type for cell in sheet[2]} <= {"s", "n"}  # an empty cell counts as a number
    assert (len(sheet["A3"].value), sheet["A3"].value[-1], sheet["B3"].value) == (TEXT_MAX, "…", "0118")
    assert b"<f>" not in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")


def _swap_subjects(sheet: Any) -> None:  # noqa: ANN401  # it ships no types
    sheet["C2"].value, sheet["C3"].value = sheet["C3"].value, sheet["C2"].value


def _set(cell: str, value: object) -> Callable[[Any], None]:
    def change(sheet: Any) -> None:  # noqa: ANN401  # it ships no types
        sheet[cell].value = value

    return change


@pytest.mark.parametrize(
    ("change", "place", "message"),
    [
        pytest.param(_set("G3", "好"), "sample.xlsx:3", "`好` is no verdict", id="no-verdict"),
        pytest.param(_set("G3", '=IF(1,"对")'), "sample.xlsx:3", "a formula stands in G3", id="formula"),
        pytest.param(_set("G3", value=True), "sample.xlsx:3", "`true` is no verdict", id="truth-value"),
        pytest.param(_set("C3", 118), "sample.xlsx:3", "C3 was a text and is something else by now", id="number"),
        pytest.param(_set("B3", "二"), "sample.xlsx:3", "the row was cut or shifted", id="other-number"),
        pytest.param(_set("I3", "?"), "sample.xlsx:3", "I3 stands in a column of somebody's own", id="own-column"),
        pytest.param(
            lambda sheet: sheet.merge_cells("G3:G4"), "sample.xlsx:3", "the cells G3:G4 are merged", id="merged"
        ),
        pytest.param(
            lambda sheet: sheet.parent.create_sheet("我的"),
            "sample.xlsx",
            "the sheet `我的` is none of ours",
            id="own-sheet",
        ),
        pytest.param(_swap_subjects, "sample.xlsx:2", "case 1 of the sample is about somebody else", id="sorted"),
        pytest.param(_set("A1", "批次"), "sample.xlsx", "the file is not a sample", id="other-head"),
        pytest.param(
            lambda sheet: setattr(sheet, "title", "改名"),
            "sample.xlsx",
            "the workbook has no sheet `核对`",
            id="renamed",
        ),
        pytest.param(
            _set("A3000", "x"), "sample.xlsx", "the sheet reaches beyond 2,000 rows or 500 columns", id="too-long"
        ),
    ],
)
def test_what_a_spreadsheet_did(
    world: World, book: Path, change: Callable[[Any], object], place: str, message: str
) -> None:
    """It is refused with file, row and remedy, and no verdict of the file is kept."""
    edit(book, lambda sheet: judge(sheet, "对", "对", "对", "对"))
    edit(book, change)

    with pytest.raises(RunError) as caught:
        record_verdicts(world.deployment, book, by="second officer")

    (first, *_) = caught.value.findings
    assert (first.code, str(first.place), first.message) == (LifecycleCode.SAMPLE_FILE, place, message)
    assert first.help


@pytest.mark.parametrize("length", [2, 30, 2000])
def test_a_workbook_that_is_damaged(world: World, book: Path, length: int) -> None:
    """A file that broke on the way is no workbook."""
    book.write_bytes(book.read_bytes()[:length])

    with pytest.raises(RunError) as caught:
        record_verdicts(world.deployment, book, by="second officer")

    assert [each.message for each in caught.value.findings] == ["it is no workbook, or a damaged one"]


def test_another_form_is_refused_before_anything_is_drawn() -> None:
    """A sample is a workbook or a CSV file."""
    with pytest.raises(RunError) as caught:
        form_of(Path("sample.pdf"))

    assert caught.value.findings[0].code is LifecycleCode.SAMPLE_FILE
