import hashlib
import io
import os
import stat
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DeliveryError
from delivery.accounts import Account
from delivery.payees import obstacle
from delivery.payout_files import Form, control_totals, read_back, render, write_payouts
from delivery.payout_rows import HEADINGS
from delivery.payout_table import payout_table
from delivery.payout_xlsx import read_xlsx, render_xlsx
from store.states.paying import BatchState
from tests.delivery.samples import account, batch, payable, payee, payees, said

HOSTILE = [
    '=HYPERLINK("http://example.org","点")',
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "'=1",
    '王"五,六\n七',
    "＝1＋1",
    "合计",
]
WHOLE = batch(*(payable(number, 10_000 + number) for number in range(1, 4)))
HOSTILE_PAYEES = pl.concat(payee(number, name=name) for number, name in enumerate(HOSTILE, start=1))
HOSTILE_BATCH = batch(*(payable(number) for number in range(1, len(HOSTILE) + 1)), of=HOSTILE_PAYEES)


def sheet_of(data: bytes) -> openpyxl.worksheet.worksheet.Worksheet:
    """Return the sheet as its user opens it."""
    return openpyxl.load_workbook(io.BytesIO(data)).active


@pytest.mark.parametrize("form", Form)
def test_what_is_written_reads_back(form: Form) -> None:
    """Names of every kind, totals, and accounts digit by digit."""
    data = render(HOSTILE_BATCH, HOSTILE_PAYEES, form)

    assert said(read_back(data, form, "file")) == said(payout_table(HOSTILE_BATCH, HOSTILE_PAYEES))


@pytest.mark.parametrize("form", Form)
@given(
    digits=st.from_regex(r"[0-9]{8,30}", fullmatch=True),
    name=st.text(min_size=1, max_size=12),
    bank=st.text(max_size=12),
    amount_fen=st.integers(1, 10**13),
)
def test_accounts_and_amounts_survive(form: Form, digits: str, name: str, bank: str, amount_fen: int) -> None:
    """Leading zeros, more than fifteen digits, any name that can be paid: what goes in comes out."""
    known = payee(1, name, [Account(digits, bank)])
    if known.select(obstacle()).item() is not None:
        return
    frozen = batch(payable(1, amount_fen), of=known)

    (line,) = read_back(render(frozen, known, form), form, "file").lines.iter_rows(named=True)

    assert (line["account"], line["amount_fen"]) == (digits, amount_fen)
    assert (line["name"], line["bank"]) == (known["name"][0], known["accounts"][0][0]["bank"])


@pytest.mark.parametrize("form", Form)
def test_the_same_bytes_on_another_machine(form: Form, tmp_path: Path) -> None:
    """M7: another process, another hash seed, time zone, language and day give the same bytes."""
    script = (
        "import sys, hashlib\n"
        "from delivery.payout_files import Form, render\n"
        "from tests.delivery.samples import batch, payable, payees\n"
        "whole = batch(*(payable(number, 10_000 + number) for number in range(1, 4)))\n"
        f"sys.stdout.write(hashlib.sha256(render(whole, payees(3), Form('{form.value}'))).hexdigest())\n"
    )
    elsewhere = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "TZ": "America/Lima",
        "LC_ALL": "C",
        "PYTHONPATH": str(Path.cwd()),
    }

    done = subprocess.run([sys.executable, "-c", script], env=elsewhere, capture_output=True, text=True, check=True)

    assert done.stdout == hashlib.sha256(render(WHOLE, payees(3), form)).hexdigest()


def test_the_known_bytes() -> None:
    """A change of these hashes is a change of what banks receive."""
    hashes = {form.value: hashlib.sha256(render(WHOLE, payees(3), form)).hexdigest()[:16] for form in Form}

    assert hashes == {"csv": "40564affd40c077a", "gb18030.csv": "aa34794590174b03", "xlsx": "cba75d4cb57320eb"}


def test_no_cell_is_a_formula() -> None:
    """S4: every word is a text cell of text format, every amount a number, nothing is computed."""
    sheet = sheet_of(render(HOSTILE_BATCH, HOSTILE_PAYEES, Form.XLSX))

    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert {cell.number_format for cell in cells if cell.data_type == "n"} == {"#,##0.00"}


def test_no_csv_cell_begins_like_a_formula() -> None:
    """ASVS 5.0, 1.2.10."""
    text = render(HOSTILE_BATCH, HOSTILE_PAYEES, Form.CSV).decode("utf-8-sig")

    cells = [cell.strip('"') for row in text.split("\r\n") for cell in row.split('","')]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "＝"))] == []


def test_a_paymaster_can_read_the_sheet() -> None:
    """The headings stay in view and on every page; every column is as wide as what stands in it."""
    sheet = sheet_of(render(WHOLE, payees(3), Form.XLSX))

    top = next(row for row in sheet.iter_rows() if row[0].value == HEADINGS[0])
    assert tuple(cell.value for cell in top) == HEADINGS
    assert sheet.freeze_panes == f"A{top[0].row + 1}"
    assert sheet.print_title_rows == f"${top[0].row}:${top[0].row}"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.column_dimensions["D"].width >= len(account(1).number)
    assert sheet["A1"].value == "重度残疾人护理补贴发放清单"
    assert "人民币叁佰元零陆分" in {cell.value for row in sheet.iter_rows() for cell in row}


@pytest.mark.parametrize("lines_on_a_sheet", [1, 2, 4, 9])
def test_what_one_sheet_cannot_hold_stands_on_further_ones(lines_on_a_sheet: int) -> None:
    """No line is lost at the end of a sheet; headings stand on each, totals at the end of the last."""
    table = payout_table(HOSTILE_BATCH, HOSTILE_PAYEES)

    data = render_xlsx(table, lines_on_a_sheet=lines_on_a_sheet)

    book = openpyxl.load_workbook(io.BytesIO(data))
    assert len(book.sheetnames) == -(-table.lines.height // lines_on_a_sheet)
    assert all(any(row[0].value == HEADINGS[0] for row in sheet.iter_rows()) for sheet in book)
    assert [sheet.title for sheet in book if any(row[0].value == "合计" for row in sheet.iter_rows())] == [
        book.sheetnames[-1]
    ]
    assert said(read_xlsx(data, "file")) == said(table)


def test_the_workbook_carries_no_day_and_no_machine() -> None:
    book = openpyxl.load_workbook(io.BytesIO(render(WHOLE, payees(3), Form.XLSX)))
    parts = zipfile.ZipFile(io.BytesIO(render(WHOLE, payees(3), Form.XLSX))).infolist()

    assert book.properties.created.year == book.properties.modified.year == 1980
    assert {(part.date_time[0], part.create_system) for part in parts} == {(1980, 3)}


def test_gb18030_has_the_rare_characters() -> None:
    """GB 18030-2022: agent banks must take surnames outside GBK."""
    known = payee(1, name="䶮\U00030000")

    data = render(batch(payable(1), of=known), known, Form.CSV_GB18030)

    assert "䶮\U00030000" in data.decode("gb18030")


@pytest.mark.parametrize("form", Form)
def test_the_head_of_a_file(form: Form) -> None:
    control = control_totals(render(WHOLE, payees(3), form), form, "file")

    assert (control.batch_id, control.count, control.total_fen) == (WHOLE.batch_id, 3, WHOLE.total_fen)


def test_a_file_cut_short_is_found() -> None:
    lines = render(WHOLE, payees(3), Form.CSV).split(b"\r\n")

    for kept, code in ((lines[:3] + lines[4:], "D113"), (lines[:4], "D112")):
        with pytest.raises(DeliveryError, match=code):
            read_back(b"\r\n".join(kept), Form.CSV, "file")


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        pytest.param(b"100.01", b"900.01", "D113", id="an-amount"),
        pytest.param(b"100.01", b"100.011", "D112", id="a-tenth-of-a-fen"),
        pytest.param(b"100.01", b"ten", "D112", id="no-amount"),
        pytest.param("笔数".encode(), "件数".encode(), "D112", id="a-label"),
        pytest.param("合计".encode(), b"sum", "D112", id="no-closing"),
    ],
)
def test_a_file_that_was_changed_is_found(before: bytes, after: bytes, code: str) -> None:
    data = render(WHOLE, payees(3), Form.CSV).replace(before, after)

    with pytest.raises(DeliveryError, match=code):
        read_back(data, Form.CSV, "file")


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\xff\xfe\x00", b'"' + b"x" * 200_000])
def test_other_files_are_refused(form: Form, data: bytes) -> None:
    """S5: a file that is none of ours ends in a clean refusal."""
    with pytest.raises(DeliveryError, match="D112"):
        read_back(data, form, "file")


def test_a_workbook_that_would_unpack_without_end_is_refused() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/strings.xml", "w") as part:
        for _ in range(201):
            part.write(bytes(1_000_000))

    with pytest.raises(DeliveryError, match="D112"):
        read_back(bomb.getvalue(), Form.XLSX, "file")


def test_files_are_their_owners_alone(tmp_path: Path) -> None:
    (path,) = write_payouts(tmp_path / "payouts", WHOLE, payees(3), [Form.CSV])

    assert path.relative_to(tmp_path).as_posix() == f"payouts/review/2025-08-15/{WHOLE.batch_id}.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in path.parents[:3]} == {0o700}
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_batch_not_yet_exported_gives_way_to_a_newer_one(tmp_path: Path) -> None:
    write_payouts(tmp_path, WHOLE, payees(3), [Form.CSV])

    (path,) = write_payouts(tmp_path, batch(payable(1)), payees(1), [Form.CSV])

    assert control_totals(path.read_bytes(), Form.CSV, "file").count == 1


def test_an_exported_batch_is_written_the_same_or_not_at_all(tmp_path: Path) -> None:
    exported = replace(WHOLE, state=BatchState.EXPORTED)
    (path,) = write_payouts(tmp_path, exported, payees(3), [Form.CSV])
    before = path.read_bytes()

    write_payouts(tmp_path, exported, payees(3), [Form.CSV])
    with pytest.raises(DeliveryError, match="D114"):
        write_payouts(tmp_path, replace(batch(payable(1)), state=BatchState.EXPORTED), payees(1), [Form.CSV])

    assert path.read_bytes() == before


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk at the last moment: no half file, no forgotten one."""

    def full(_: int) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_payouts(tmp_path, WHOLE, payees(3), [Form.CSV])

    assert list((tmp_path / "review" / "2025-08-15").iterdir()) == []
