import io
import zipfile
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DeliveryError
from delivery.banking.payment_files import payment_files
from delivery.banking.profile import PaymentProfile, ReturnLayout
from delivery.banking.statements import Statement, StatementKind, read_statement
from tests.delivery.banking.bank_samples import DAY, SHIPPED, answer, answered, changed, table

BAR, COMMA, XLSX = (SHIPPED[f"agent-bank-{form}@1"] for form in ("bar", "comma", "xlsx"))
RETURNING = [name for name, profile in SHIPPED.items() if profile.returns]


def layout_of(profile: PaymentProfile) -> ReturnLayout:
    """Return the layout of a profile's return files."""
    assert profile.returns is not None
    return profile.returns


def returned(*answers: dict[str, Any], of: PaymentProfile = BAR, **said: Any) -> bytes:  # noqa: ANN401  # words of the head
    """Return a return file."""
    return answered(layout_of(of), *(answers or (answer(1), answer(2, result="01"), answer(3))), **said)


def codes(statement: Statement) -> list[str]:
    """Return the codes of a statement's findings."""
    return [finding.code.value for finding in statement.findings]


@pytest.mark.parametrize("name", RETURNING)
def test_a_return_file_says_what_became_of_each_payment(name: str) -> None:
    """Paid, failed, returned, pending: as the profile says what a code means, with a reason in Chinese."""
    answers = [answer(1), answer(2, result="01"), answer(3, result="80"), answer(4, result="90", booked_on=None)]

    statement = read_statement(returned(*answers, of=SHIPPED[name]), SHIPPED[name], "file")

    assert statement.is_whole
    assert statement.kind is StatementKind.RETURNS
    assert statement.lines["outcome"].to_list() == ["paid", "failed", "returned", "pending"]
    assert statement.lines["reason"].to_list() == ["成功", "户名与账号不符", "入账后退汇", "处理中"]
    assert statement.lines["booked_on"].to_list() == [DAY, DAY, DAY, None]
    assert statement.lines.select("reference", "account", "name").rows() == [
        tuple(each[word] for word in ("reference", "account", "name")) for each in answers
    ]
    assert statement.lines["amount_fen"].to_list() == [each["amount"] for each in answers]
    assert (statement.head["batch_id"], statement.head["file_name"]) == ("b_1", "file-001")


@pytest.mark.parametrize("profile", [BAR, XLSX], ids=["text", "xlsx"])
def test_a_statement_books_what_went_out_and_what_came_back(profile: PaymentProfile) -> None:
    """借 went out, 贷 came back."""
    layout = profile.statement
    assert isinstance(layout, ReturnLayout)
    data = answered(layout, answer(1, result="借"), answer(2, result="贷", reason="账号已销户"))

    statement = read_statement(data, profile, "file", kind=StatementKind.STATEMENT)

    assert statement.is_whole
    assert statement.lines["outcome"].to_list() == ["paid", "returned"]
    assert statement.lines["reason"].to_list() == ["已付出", "账号已销户"]


def test_lines_are_counted_as_an_editor_counts() -> None:
    """The first payment of this file stands below its head, in line 2; the clerk finds it there."""
    data = returned().replace(b"\r\nD|", b"\r\n\r\nD|", 1)

    assert read_statement(data, BAR, "file").lines["line"].to_list() == [3, 4, 5]


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        pytest.param("15002|01", "150.02|01", "amount", id="a-fraction-of-a-fen"),
        pytest.param("15002|01", "-15002|01", "amount", id="a-minus"),
        pytest.param("15002|01", "|01", "amount", id="no-amount"),
        pytest.param("15002|01", "1e4|01", "amount", id="a-power"),
        pytest.param("15002|01", "15002|77", "result", id="a-code-that-nobody-knows"),
        pytest.param("15002|01", "15002|", "result", id="no-code"),
        pytest.param("RF45ABCDEFGHIJKLMNOP02", "", "reference", id="no-reference"),
        pytest.param("15002|01||20250815", "15002|01||20250835", "booked_on", id="a-day-that-is-none"),
        pytest.param("15002|01", "15002|extra|01", "columns", id="a-cell-too-many"),
        pytest.param("D|2|", "X|2|", "constant", id="another-mark"),
    ],
)
def test_a_line_that_cannot_be_read_stays_a_line(before: str, after: str, fault: str) -> None:
    """F4: it is listed with its fault and its place, and the others are read."""
    data = returned().decode("gb18030").replace(before, after, 1).encode("gb18030")

    statement = read_statement(data, BAR, "file")

    assert statement.lines.height == 3
    assert statement.lines["outcome"].to_list() == ["paid", "unreadable", "paid"]
    assert statement.lines["fault"].to_list() == [None, fault, None]
    assert not statement.is_whole
    assert "file:3" in {str(finding.place) for finding in statement.findings}
    assert "D144" in codes(statement)


def test_a_line_of_broken_characters_stays_a_line() -> None:
    """A byte lost on the way spoils its own line only."""
    data = returned().replace("张小三".encode("gb18030"), "张小三".encode("gb18030")[:-1] + b"\xff", 1)

    statement = read_statement(data, BAR, "file")

    assert statement.lines["fault"].to_list() == ["encoding", None, None]


@pytest.mark.parametrize("word", ["count", "total", "paid_count", "paid_total", "failed_count", "failed_total"])
def test_totals_that_do_not_agree_are_found(word: str) -> None:
    """M6: what the file says of itself is compared with its lines."""
    statement = read_statement(
        answered(layout_of(BAR), answer(1), answer(2, result="01"), answer(3), **{word: 7}), BAR, "file"
    )

    assert codes(statement) == ["D142"]
    assert word in statement.findings[0].message
    assert statement.lines.height == 3


@given(kept=st.integers(0, 400))
def test_a_file_cut_short_never_looks_whole(kept: int) -> None:
    """Wherever the transfer broke off: refused, or found; what was read of it is no more than the file said."""
    data = returned()
    cut = data[: min(kept, len(data) - len("2\r\n"))]

    try:
        statement = read_statement(cut, BAR, "file")
    except DeliveryError:
        return

    assert not statement.is_whole


@given(data=st.binary(max_size=400))
@settings(max_examples=100)
@pytest.mark.parametrize("name", SHIPPED)
def test_other_files_are_refused(name: str, data: bytes) -> None:
    """S5: bytes that are no answer end in a clean refusal."""
    for kind in StatementKind:
        with pytest.raises(DeliveryError, match=r"D14[015]"):
            read_statement(data, SHIPPED[name], "file", kind=kind)


@pytest.mark.parametrize("other", RETURNING)
@pytest.mark.parametrize("name", RETURNING)
def test_an_answer_in_another_form_is_refused(name: str, other: str) -> None:
    """A file read with the wrong profile says nothing, and in particular not that something was paid."""
    own, others = layout_of(SHIPPED[name]), layout_of(SHIPPED[other])
    if own.form == others.form and [each.model_dump() for each in own.columns] == [
        each.model_dump() for each in others.columns
    ]:
        return  # two profiles with one layout read the same

    with pytest.raises(DeliveryError, match="D140"):
        read_statement(returned(of=SHIPPED[other]), SHIPPED[name], "file", kind=StatementKind.RETURNS)


def test_a_file_in_another_encoding_is_refused() -> None:
    """UTF-8 read as GB18030 would give other names, each of them wrong."""
    data = returned(*(answer(number) for number in range(1, 9))).decode("gb18030").encode()

    with pytest.raises(DeliveryError, match=r"D140.*UTF-8"):
        read_statement(data, BAR, "file")


def test_a_payment_file_is_no_answer() -> None:
    """The file that we sent, handed in as the bank's, is refused."""
    for profile in SHIPPED.values():
        with pytest.raises(DeliveryError, match="D140"):
            read_statement(payment_files(table(), profile)[0].data, profile, "file", kind=StatementKind.RETURNS)


def test_quotes_are_read_however_a_program_sets_them() -> None:
    """A spreadsheet saves quotes only where they are needed; cells stay the same."""
    data = returned(answer(1, reason='a "b", c'), answer(2), of=COMMA).decode("utf-8-sig")
    bare = data.replace('"2"', "2").replace('"150.02"', "150.02")

    statement = read_statement(bare.encode("utf-8-sig"), COMMA, "file")

    assert statement.is_whole
    assert statement.lines["reason"].to_list() == ['a "b", c', "成功"]
    assert statement.lines["amount_fen"].to_list() == [15_001, 15_002]


@pytest.mark.parametrize(
    ("yuan", "fen"),
    [
        ("150", 15_000),
        ("150.1", 15_010),
        ("1,150.01", 115_001),
        ("1150.010", None),
        ("1,1.00", None),
        (".50", None),
        ("１５０", None),
    ],
)
def test_yuan_are_read_exactly_or_not_at_all(yuan: str, fen: int | None) -> None:
    """Thousands may be parted, a tenth of a fen is none."""
    data = returned(answer(1), answer(2), of=COMMA).decode("utf-8-sig").replace('"150.02"', f'"{yuan}"')

    lines = read_statement(data.encode("utf-8-sig"), COMMA, "file").lines

    assert lines["amount_fen"].to_list() == [15_001, fen]
    assert (lines["outcome"][1] == "unreadable") is (fen is None)


def test_an_account_that_a_spreadsheet_shortened_is_not_believed() -> None:
    """Nineteen digits stored as a number have lost the last four; the file shows zeros."""
    book = openpyxl.load_workbook(io.BytesIO(returned(of=XLSX)))
    sheet = book["代发结果"]
    cell = next(cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("6222"))
    cell.value = int(cell.value)
    saved = io.BytesIO()
    book.save(saved)

    statement = read_statement(saved.getvalue(), XLSX, "file")

    assert statement.lines["fault"].to_list() == ["digits", None, None]


def test_a_workbook_saved_by_another_program_is_read() -> None:
    """Clerks open workbooks and save them again; amounts stay amounts."""
    saved = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(returned(of=XLSX))).save(saved)

    assert read_statement(saved.getvalue(), XLSX, "file").is_whole


def bomb(size: int) -> bytes:
    """Return an archive that is packed a thousand times smaller than it is."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/workbook.xml", "w") as part:
        for _ in range(size // 1_000_000):
            part.write(bytes(1_000_000))
    return packed.getvalue()


def test_an_archive_that_would_unpack_without_end_is_refused() -> None:
    """S5: it is not unpacked to find out."""
    with pytest.raises(DeliveryError, match="D141"):
        read_statement(bomb(100_000_000), XLSX, "file")


def test_an_archive_that_lies_about_its_size_is_refused() -> None:
    """The table of contents says little; what is unpacked is no more than it says."""
    data = bomb(60_000_000)
    lying = data.replace((60_000_000).to_bytes(4, "little"), (60_000).to_bytes(4, "little"))

    with pytest.raises(DeliveryError, match="D140"):
        read_statement(lying, XLSX, "file")


def test_nobody_is_named_in_a_finding() -> None:
    """S3: a message has lines and references, never a name or an account."""
    data = returned(answer(1, name="欧阳某某", account="62229999888877776666"), answer(2), count=9)
    data = data.replace(b"|15001|", b"|x|")

    shown = "\n".join(map(str, read_statement(data, BAR, "file").findings))

    assert shown
    assert "欧阳" not in shown
    assert "6222" not in shown


def test_a_file_that_has_no_name_column_says_so() -> None:
    """Null: the bank does not say, which is not an empty name."""
    amount = "    - {of: amount, heading: 金额（分）}\n    - {of: result"
    profile = changed(BAR.name, (f"    - {{of: name, heading: 收款人}}\n{amount}", amount))

    lines = read_statement(returned(of=profile), profile, "file").lines

    assert lines["name"].to_list() == [None, None, None]
