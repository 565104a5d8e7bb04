import io

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import polars as pl
import pytest
import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

from delivery.sheet_rows import Rows, filled


def book_with(*rows: tuple[str, str]) -> openpyxl.Workbook:
    """Return a workbook whose rows from the second on are those, read as a spreadsheet does."""
    cells = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row")
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    sheet.write_string(0, 0, "head")
    sheet.write_string(1, 0, "model", bold)
    sheet.write_number(1, 1, 1)
    sheet.write_string(1 + len(rows), 0, "foot")
    book.close()
    return openpyxl.load_workbook(io.BytesIO(filled(written.getvalue(), {1: Rows(2, cells, {"b"})})))


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("<&>\"'", id="markup"),
        pytest.param(" two  spaces ", id="spaces at the ends"),
        pytest.param("_x0041_", id="like an escaped character"),
        pytest.param("a\x07b", id="a character that XML cannot hold"),
        pytest.param("=1+1", id="like a formula"),
        pytest.param("䶮\U00030000", id="rare"),
        pytest.param("", id="nothing"),
    ],
)
def test_words_stay_what_they_are(words: str) -> None:
    cell = book_with((words, "1"), ("plain", "1")).active["A2"]

    assert openpyxl.utils.escape.unescape(cell.value or "") == words
    assert cell.data_type != "f"


def test_rows_take_the_place_of_their_model() -> None:
    """They stand between what is above and below, in the model's styles, numbers as numbers."""
    many = [(f"line {number}", f"{number}.10") for number in range(120_000)]

    sheet = book_with(*many).active

    assert [sheet["A1"].value, sheet[f"A{2 + len(many)}"].value] == ["head", "foot"]
    assert [(row[0].value, row[1].value) for row in sheet.iter_rows(2, 1 + len(many))] == [
        (f"line {number}", number + 0.1) for number in range(120_000)
    ]
    assert {row[0].font.bold for row in sheet.iter_rows(2, 1 + len(many))} == {True}
