import datetime as dt
import zipfile
from decimal import Decimal
from pathlib import Path

import fastexcel
import polars as pl
import pytest
import xlsxwriter  # type: ignore[import-untyped]  # it ships no types
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ProfileError
from profiles.delimited import LINE_BYTES_MAX
from profiles.encoding import BLOCK_BYTES
from profiles.raw_table import DIGITS_LOST
from profiles.reading import Delivered, open_delivered
from tests.profiles.deliveries import CITIZENS, resource

ANN, BOB, _ = CITIZENS
TO = resource("""
resource: list
label: 名单
owner: 区民政局
subject: person
kind: snapshot
refresh: monthly
fresh_days: 40
columns:
  - {name: 号码, type: citizen_id, role: subject}
  - {name: 姓名, type: text}
""")
RARE = "王𠮷龘"  # the second sign takes four bytes in every encoding


def rows(path: Path, sheet: str | None = None) -> list[tuple[int, bool, str | None, str | None]]:
    """Return what is read: row number, wholeness, number and name."""
    with open_delivered(path, TO, spool=path.parent, sheet=sheet) as delivered:
        return [row for batch in delivered.batches() for row in batch.rows()]


def refusal(path: Path, sheet: str | None = None) -> str:
    """Return the first line of the error that a file brings."""
    with pytest.raises(ProfileError) as error, open_delivered(path, TO, spool=path.parent, sheet=sheet) as delivered:
        _drain(delivered)
    return str(error.value).splitlines()[0]


def _drain(delivered: Delivered) -> None:
    for _ in delivered.batches():
        pass


def written(folder: Path, content: bytes | str, name: str = "list.csv") -> Path:
    """Write a delivered file."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


class TestText:
    """CSV in the encodings and manners of departments."""

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    def test_encoding(self, tmp_path: Path, encoding: str) -> None:
        """The encoding is found, also for signs of four bytes."""
        path = written(tmp_path, f"号码,姓名\n{ANN},{RARE}\n".encode(encoding))

        assert rows(path) == [(1, True, ANN, RARE)]

    def test_gb18030_far_down(self, tmp_path: Path) -> None:
        """The whole file is looked at, so a rare sign in the last row is found too."""
        text = "号码,姓名\n" + f"{BOB},A\n" * 400_000 + f"{ANN},{RARE}\n"
        path = written(tmp_path, text.encode("gb18030"))

        with open_delivered(path, TO, spool=tmp_path) as delivered:
            *_, last = delivered.batches()
        assert last.row(-1) == (400_001, True, ANN, RARE)

    def test_damaged_utf8_is_not_taken_for_gb18030(self, tmp_path: Path) -> None:
        """One broken byte in good UTF-8 is a broken byte; read otherwise, every name would be nonsense."""
        good = "号码,姓名\n" + f"{ANN},王芳王芳王芳王芳\n" * 3
        path = written(tmp_path, good.encode() + b"1,\xff\n")

        assert refusal(path) == "list.csv:5: error[P203]: the text is not UTF-8"

    def test_neither_encoding(self, tmp_path: Path) -> None:
        """Bytes that are no text are no text."""
        assert "P203" in refusal(written(tmp_path, "号码,姓名\n".encode("gb18030") + b"1,\xff\xff\n"))
        assert "P203" in refusal(written(tmp_path, b"\x00\x01\x02\x03"))

    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
    def test_cut_inside_a_character(self, tmp_path: Path, encoding: str) -> None:
        """A transfer that broke off is told as that."""
        text = "号码,姓名\n" + f"{ANN},王芳王芳王芳王芳\n" * 3 + f"{ANN},王芳"
        path = written(tmp_path, text.encode(encoding)[:-1])

        assert refusal(path) == "list.csv:5: error[P204]: the file ends inside a character"

    @pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
    def test_separator(self, tmp_path: Path, separator: str) -> None:
        """The separator is the one under which the declared names are found."""
        path = written(tmp_path, f"号码{separator}姓名\n{ANN}{separator}王,芳\n".replace("王,芳", "王芳"))

        assert rows(path) == [(1, True, ANN, "王芳")]

    @pytest.mark.parametrize("line_end", ["\n", "\r\n"])
    def test_line_ends(self, tmp_path: Path, line_end: str) -> None:
        """Windows and the others; with and without a last line end."""
        path = written(tmp_path, line_end.join(["号码,姓名", f"{ANN},王", f"{BOB},李"]))

        assert rows(path) == [(1, True, ANN, "王"), (2, True, BOB, "李")]

    def test_empty_lines_are_no_rows_but_count(self, tmp_path: Path) -> None:
        """Row numbers are those that a person sees below the header."""
        path = written(tmp_path, f"号码,姓名\n\n{ANN},王\n,\n{BOB},李\n\n")

        assert rows(path) == [(2, True, ANN, "王"), (4, True, BOB, "李")]

    def test_a_title_above_the_header(self, tmp_path: Path) -> None:
        """Printed lists have titles; the header is the row with the declared names."""
        path = written(tmp_path, f"附件1,\n2025年7月名单,\n号码,姓名\n{ANN},王\n")

        assert rows(path) == [(1, True, ANN, "王")]

    def test_columns_in_another_order_with_others_between(self, tmp_path: Path) -> None:
        """Columns are found by name; what nobody declared is not read, and a warning says so."""
        path = written(tmp_path, f"姓名,备注, 号码\n王,x,{ANN}\n")

        with open_delivered(path, TO, spool=tmp_path) as delivered:
            assert [finding.code.value for finding in delivered.findings] == ["P206"]
        assert rows(path) == [(1, True, ANN, "王")]

    @pytest.mark.parametrize(
        ("line", "is_whole"),
        [
            pytest.param(f"{ANN}", False, id="too-few"),
            pytest.param(f"{ANN},王", True, id="as-many"),
            pytest.param(f"{ANN},王,", True, id="a-separator-at-the-end"),
            pytest.param(f"{ANN},王,x", False, id="too-many"),
            pytest.param(f"{ANN},王,,", False, id="two-separators-at-the-end"),
        ],
    )
    @pytest.mark.parametrize("quoted", ["", '"李"'], ids=["plain", "quoted"])
    def test_ragged_rows(self, tmp_path: Path, line: str, quoted: str, *, is_whole: bool) -> None:
        """A row is whole if it has as many cells as the header, whichever reader reads it."""
        path = written(tmp_path, f"号码,姓名\n{line}\n{BOB},{quoted or '李'}\n")

        assert [row[1] for row in rows(path)] == [is_whole, True]

    def test_quotes(self, tmp_path: Path) -> None:
        """Separators, line ends and quotes inside quoted cells belong to the cell."""
        path = written(tmp_path, f'号码,姓名\n{ANN},"王,\n""芳"""\n"{BOB}",李\u2028丽\n')

        assert rows(path) == [(1, True, ANN, '王,\n"芳"'), (2, True, BOB, "李\u2028丽")]

    def test_a_quote_inside_a_plain_cell(self, tmp_path: Path) -> None:
        """Six inches is written with a quote after the number."""
        assert rows(written(tmp_path, f'号码,姓名\n{ANN},6"\n')) == [(1, True, ANN, '6"')]

    def test_cut_inside_a_row(self, tmp_path: Path) -> None:
        """The last row has too few cells and no line end: the transfer broke off."""
        path = written(tmp_path, f"号码,姓名\n{ANN},王\n11010519")

        assert refusal(path) == "list.csv: error[P204]: the file ends inside a row"

    def test_cut_inside_a_quoted_cell(self, tmp_path: Path) -> None:
        """A quote that is never closed would swallow the rest."""
        path = written(tmp_path, f'号码,姓名\n{ANN},"王\n{BOB},李\n')

        assert refusal(path) == "list.csv:3: error[P204]: the file ends inside a quoted cell"

    def test_quotes_that_would_hide_rows(self, tmp_path: Path) -> None:
        """Two stray quotes make one cell of all rows between them; the file is refused, no row vanishes."""
        path = written(tmp_path, f'号码,姓名\n{ANN},"王\n{BOB},李\n{ANN},"芳\n')

        assert refusal(path) == "list.csv:4: error[P208]: a quoted cell does not end where it should"

    @pytest.mark.parametrize("text", ["\n", "\n\n,\n", " "])
    def test_nothing_in_it(self, tmp_path: Path, text: str) -> None:
        """A file without a header is no table."""
        assert refusal(written(tmp_path, text)) == (
            "list.csv: error[P202]: the file is empty"
            if text != " "
            else "list.csv: error[P205]: none of the 2 declared columns of `list` is in the header"
        )

    def test_no_lines_in_it(self, tmp_path: Path) -> None:
        """What goes on and on without a line end is no table, and is not held in memory to find that out."""
        endless = written(tmp_path, "号码,姓名" + "x" * (LINE_BYTES_MAX + BLOCK_BYTES))
        old = written(tmp_path, f"号码,姓名\r{ANN},甲\r", "old.csv")

        assert refusal(endless) == "list.csv: error[P208]: a line is longer than 16,777,216 bytes"
        assert refusal(old) == "old.csv: error[P208]: its first line cannot be parted into cells"

    def test_only_a_header(self, tmp_path: Path) -> None:
        """An empty list is a list; whether it may be empty is asked later."""
        assert rows(written(tmp_path, "号码,姓名\n")) == []

    def test_no_header_is_not_quoted(self, tmp_path: Path) -> None:
        """A first row about somebody must not stand in a message."""
        path = written(tmp_path, f"{ANN},王芳\n{BOB},李丽\n")

        with pytest.raises(ProfileError) as error, open_delivered(path, TO, spool=tmp_path):
            pass
        assert ANN not in str(error.value)
        assert "王芳" not in str(error.value)

    @settings(max_examples=40)
    @given(
        cells=st.lists(
            st.tuples(*[st.text(st.sampled_from("ab,;\t|\n\r 王𠮷\"'1"), max_size=5)] * 2), min_size=1, max_size=12
        )
    )
    def test_what_is_written_is_read(
        self, tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]]
    ) -> None:
        """Whatever another program writes as CSV comes back cell by cell, quoted or not."""
        folder = tmp_path_factory.mktemp("csv")
        frame = pl.DataFrame(cells, schema=["号码", "姓名"], orient="row")
        path = folder / "list.csv"
        frame.write_csv(path)

        expected = [
            (index, True, number or None, name or None)
            for index, (number, name) in enumerate(cells, start=1)
            if number or name
        ]
        assert rows(path) == expected


class TestForms:
    """The form is told by the content, not by the name."""

    @pytest.mark.parametrize(
        "content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-1.7", b"<html><table>", b"\x1f\x8b\x08\x00"]
    )
    def test_no_table(self, tmp_path: Path, content: bytes) -> None:
        """Old workbooks, print-outs, web pages and archives are told by name."""
        assert "error[P208]: expected CSV, XLSX or Parquet, found" in refusal(written(tmp_path, content))

    def test_no_file(self, tmp_path: Path) -> None:
        """A file that is not there."""
        assert "error[P201]: the file cannot be read" in refusal(tmp_path / "none.csv")

    def test_empty(self, tmp_path: Path) -> None:
        """Not one byte."""
        assert refusal(written(tmp_path, b"")) == "list.csv: error[P202]: the file is empty"


class TestWorkbooks:
    """Excel."""

    @staticmethod
    def workbook(folder: Path, *table: tuple[object, ...]) -> Path:
        """Write a workbook with a second sheet."""
        with xlsxwriter.Workbook(folder / "list.xlsx", {"default_date_format": "yyyy-mm-dd"}) as book:
            first = book.add_worksheet("表")
            for index, cells in enumerate(table):
                first.write_row(index, 0, cells)
            second = book.add_worksheet("其他")
            second.write_row(0, 0, ["号码", "姓名"])
            second.write_row(1, 0, [BOB, "李"])
        return folder / "list.xlsx"

    def test_first_sheet(self, tmp_path: Path) -> None:
        """By default the first sheet is read, from its header on."""
        path = self.workbook(
            tmp_path, ("七月", "名单", "共2人"), ("号码", "姓名"), (ANN, "王"), (None, None), (BOB, "李")
        )

        assert rows(path) == [(1, True, ANN, "王"), (3, True, BOB, "李")]

    def test_named_sheet(self, tmp_path: Path) -> None:
        """Another by name."""
        assert rows(self.workbook(tmp_path, ("x",)), sheet="其他") == [(1, True, BOB, "李")]

    def test_no_such_sheet(self, tmp_path: Path) -> None:
        """The sheets there are help."""
        assert "error[P201]: the workbook has no sheet `七月`" in refusal(self.workbook(tmp_path, ("x",)), "七月")

    def test_long_numbers_stored_as_numbers(self, tmp_path: Path) -> None:
        """A spreadsheet keeps fifteen digits; the cell is marked, also among good ones in its column."""
        path = self.workbook(
            tmp_path, ("号码", "姓名"), (110105194912310021, "王"), (ANN, "李"), (110105491231002, 12), ("1" * 18, "赵")
        )

        assert [row[2:] for row in rows(path)] == [
            (DIGITS_LOST, "王"),
            (ANN, "李"),
            ("110105491231002", "12"),
            ("1" * 18, "赵"),
        ]

    def test_days_and_amounts_as_text(self, tmp_path: Path) -> None:
        """Cells with a type come as the text that a person sees."""
        path = self.workbook(tmp_path, ("号码", "姓名"), (dt.date(2025, 7, 1), 0.1), (True, 1234.5))

        assert [row[2:] for row in rows(path)] == [("2025-07-01 00:00:00", "0.1"), ("true", "1234.5")]

    @pytest.mark.parametrize(
        "yuan", ["9163948.61", "916394861.07", "0.29", "4503599627370.49", "-1234567.89", "0.123456789"]
    )
    def test_an_amount_is_as_the_sheet_shows_it(self, tmp_path: Path, yuan: str) -> None:
        """A spreadsheet keeps 9163948.61 as a little less; its file says 9163948.61, and so do we."""
        path = self.workbook(tmp_path, ("号码", "姓名"), (ANN, float(yuan)))

        assert rows(path) == [(1, True, ANN, yuan)]

    def test_empty_sheet(self, tmp_path: Path) -> None:
        """A sheet without cells."""
        assert refusal(self.workbook(tmp_path)) == "list.xlsx: error[P202]: the sheet is empty"

    def test_damaged(self, tmp_path: Path) -> None:
        """Half a workbook."""
        path = self.workbook(tmp_path, ("号码", "姓名"), (ANN, "王"))
        path.write_bytes(path.read_bytes()[:-200])

        assert refusal(path) == "list.xlsx: error[P208]: the workbook is damaged or incomplete"

    def test_a_zip_that_is_no_workbook(self, tmp_path: Path) -> None:
        """A zip archive with something else inside."""
        path = tmp_path / "list.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "x")

        assert refusal(path) == "list.xlsx: error[P208]: the workbook is damaged or incomplete"

    def test_a_bomb_is_not_unpacked(self, tmp_path: Path) -> None:
        """Sixty million zeros in sixty thousand bytes: told from the table of contents alone."""
        path = tmp_path / "list.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", bytes(60_000_000))

        assert refusal(path) == "list.xlsx: error[P209]: the workbook would unpack to 60 million bytes"

    def test_what_the_trick_relies_on(self, tmp_path: Path) -> None:
        """INVARIANT: read as truth values, cells that hold text are null, whatever the text."""
        path = self.workbook(tmp_path, ("1", "true"), ("0", 5), ("是", 0))
        sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="boolean").to_polars()

        assert sheet.rows() == [(None, None), (None, True), (None, False)]


class TestParquet:
    """Columns with types."""

    def test_types_as_text(self, tmp_path: Path) -> None:
        """Numbers, days and truth values come as the text that a CSV file would hold."""
        values = {
            "text": pl.Series([ANN, ""]),
            "int": pl.Series([110105194912310021, None]),
            "day": pl.Series([dt.date(2025, 7, 1), None]),
            "instant": pl.Series([dt.datetime(2025, 7, 1, 8, 30, tzinfo=dt.UTC), None]),
            "truth": pl.Series([True, None]),
            "amount": pl.Series([Decimal("1234.50"), None]),
            "float": pl.Series([0.1, 5.0]),
            "large": pl.Series([1.1010519491231e17, None]),
        }
        expected = {
            "text": [ANN, None],
            "int": ["110105194912310021", None],
            "day": ["2025-07-01", None],
            "instant": ["2025-07-01 08:30:00", None],
            "truth": ["true", None],
            "amount": ["1234.50", None],
            "float": ["0.1", "5"],
            "large": [DIGITS_LOST, None],
        }
        path = tmp_path / "list.parquet"
        for name, column in values.items():
            pl.DataFrame({"号码": ["a", "b"], "姓名": column}).write_parquet(path)

            assert (name, [row[3] for row in rows(path)]) == (name, expected[name])

    def test_lists_are_no_cells(self, tmp_path: Path) -> None:
        """A structure cannot be a cell."""
        pl.DataFrame({"号码": [ANN], "姓名": [["a"]]}).write_parquet(tmp_path / "list.parquet")

        assert "error[P208]: the column `姓名`" in refusal(tmp_path / "list.parquet")

    def test_damaged(self, tmp_path: Path) -> None:
        """Half a file."""
        path = tmp_path / "list.parquet"
        pl.DataFrame({"号码": [ANN] * 1000, "姓名": ["x"] * 1000}).write_parquet(path)
        path.write_bytes(path.read_bytes()[:-50])

        assert refusal(path) == "list.parquet: error[P208]: the Parquet file is damaged or incomplete"


class TestHeaders:
    """What the header must hold."""

    def test_a_missing_column_and_the_nearest_word(self, tmp_path: Path) -> None:
        """A renamed column is found at a glance."""
        path = written(tmp_path, "号码,姓 名称\n1,2\n")

        with pytest.raises(ProfileError) as error, open_delivered(path, TO, spool=tmp_path):
            pass
        assert str(error.value).splitlines()[0] == "list.csv: error[P205]: the column `姓名` is missing"
        assert "the nearest column is `姓名称`" in str(error.value)

    def test_a_column_that_stands_twice(self, tmp_path: Path) -> None:
        """Nobody could say which one holds."""
        assert refusal(written(tmp_path, "号码,姓名,姓名\n1,2,3\n")) == (
            "list.csv: error[P207]: the column `姓名` stands 2 times in the header"
        )

    def test_full_width_and_blanks_do_not_matter(self, tmp_path: Path) -> None:
        """A header is compared as people read it."""
        assert rows(written(tmp_path, f"\ufeff 号 码,“姓名”\n{ANN},王\n".replace("“姓名”", "姓名 "))) == [
            (1, True, ANN, "王")
        ]
