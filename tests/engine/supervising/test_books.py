import datetime as dt
import io
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from core.errors import RunError
from engine.supervising.books import Fen, Sheet, render_sheets, write_sheets

SHEET = Sheet(
    "监察清单",
    ("事项", "数量", "金额", "期限"),
    [("=1+1", 3, Fen(12_345), dt.date(2025, 1, 2)), ("x", None, None, None)],
)


def test_texts_stay_texts_and_amounts_are_yuan() -> None:
    """S4: a policy that is called like a formula is none."""
    book = openpyxl.load_workbook(io.BytesIO(render_sheets([SHEET, Sheet("空", ("一",), [])])))

    cells = list(book["监察清单"].iter_rows(min_row=2, values_only=True))
    assert cells == [("=1+1", 3, 123.45, "2025-01-02"), ("x", None, None, None)]
    assert book["监察清单"]["A2"].data_type == "s"
    assert book.sheetnames == ["监察清单", "空"]


def test_the_same_lists_give_the_same_bytes() -> None:
    """No instant of writing is in the file."""
    assert render_sheets([SHEET]) == render_sheets([SHEET])


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """And nothing is left beside."""
    with pytest.raises(RunError, match="E007"):
        write_sheets([SHEET], tmp_path / "none" / "x.xlsx")
