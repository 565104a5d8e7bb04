"""Files whose cells have a fixed width in bytes: nothing is cut, nothing is guessed, whatever number of bytes a sign takes."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import DeliveryError
from delivery.banking.acknowledgements import read_acknowledgement
from delivery.banking.payment_files import payment_files, read_payment_file
from delivery.banking.profile import ReturnLayout
from delivery.banking.statements import StatementKind, read_statement
from delivery.payees import one_line
from tests.delivery.banking.bank_samples import DAY, SHIPPED, answer, answered, changed, payment, table

NAME = "agent-bank-fixed@1"
FIXED = SHIPPED[NAME]
WIDE = 120  # bytes of a name
NAME_AT = 68  # bytes of a line before its name


def returned(*names: str) -> bytes:
    """Return a return file about payments to people."""
    assert FIXED.returns is not None
    return answered(FIXED.returns, *(answer(number, name=name) for number, name in enumerate(names, 1)))


def lines_of(data: bytes) -> list[bytes]:
    """Return the lines of a file with their ends."""
    return data.splitlines(keepends=True)


def test_every_line_is_as_long_as_its_layout_says_in_bytes() -> None:
    """Head, payments and trailer; names of two and of four bytes a sign take up the same room."""
    whole = table(payment(1, name="张小三"), payment(2, name="李𠮷𠮷"), payment(3, name="Ann"))

    (file,) = payment_files(whole, FIXED)

    widths = [sum(field.width or 0 for field in row) for row in (*FIXED.payment.head, FIXED.payment.columns)]
    assert [len(line) - 2 for line in lines_of(file.data)[:4]] == [widths[0], *[widths[1]] * 3]
    assert lines_of(file.data)[1][NAME_AT : NAME_AT + 7] == "张小三 ".encode("gb18030")


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("三" * 60, True),
        ("三" * 60 + "a", False),
        ("三" * 59 + "𠮷", False),
        ("三" * 58 + "𠮷", True),
        ("a" * WIDE, True),
        ("a" * (WIDE + 1), False),
    ],
)
def test_a_name_that_does_not_fit_is_refused_and_never_cut(name: str, *, fits: bool) -> None:
    """At the boundary in bytes; the finding names the payment and nobody."""
    whole = table(payment(1, name=name))
    if fits:
        (file,) = payment_files(whole, FIXED)
        assert read_payment_file(file.data, FIXED, "file").lines["name"].to_list() == [name]
        return

    with pytest.raises(DeliveryError) as raised:
        payment_files(whole, FIXED)

    (finding,) = raised.value.findings
    assert (finding.code.value, finding.message) == (
        "D135",
        "`name` is longer than 120 bytes: `RF45ABCDEFGHIJKLMNOP01`",
    )


def test_an_amount_that_does_not_fit_is_refused_too() -> None:
    """Its first digits would be another amount."""
    narrow = changed(NAME, ("{of: amount, width: 15,", "{of: amount, width: 4,"))

    with pytest.raises(DeliveryError, match=r"D135.*`amount` is longer than 4 bytes"):
        payment_files(table(), narrow)


SIGNS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), max_size=30).map(one_line)


@given(st.lists(SIGNS, min_size=1, max_size=4))
@example(["0", "00", "D", "T"])
@example(["𠮷", "三", "a三"])
def test_what_a_bank_answers_comes_back_sign_by_sign(names: list[str]) -> None:
    """parse(render(x)) = x for any names, or the file cannot be written."""
    try:
        data, refused = returned(*names), set[str]()
    except DeliveryError as error:
        data, refused = b"", {finding.code.value for finding in error.findings}
    if refused:
        assert refused <= {"D134", "D135"}
        return

    statement = read_statement(data, FIXED, "file")

    assert statement.is_whole
    assert statement.lines["name"].to_list() == names
    assert statement.lines["amount_fen"].to_list() == [answer(number)["amount"] for number in range(1, len(names) + 1)]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda line: line[:-3] + b"\r\n", id="a-byte-short"),
        pytest.param(lambda line: line[:-2] + b" \r\n", id="a-byte-long"),
        pytest.param(lambda line: line[:NAME_AT] + line[NAME_AT + 1 :], id="shifted"),
        pytest.param(lambda line: b"X" + line[1:], id="another-mark"),
    ],
)
def test_a_line_of_another_length_is_none_and_the_others_stand(spoil: Callable[[bytes], bytes]) -> None:
    """F4: a shifted line would pay another amount; it is listed with its place."""
    lines = lines_of(returned("张三", "李四", "王五"))
    lines[2] = spoil(lines[2])

    statement = read_statement(b"".join(lines), FIXED, "file")

    assert statement.lines["outcome"].to_list() == ["paid", "unreadable", "paid"]
    assert statement.lines["fault"].to_list()[1] in {"columns", "constant", "encoding"}
    assert not statement.is_whole


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_a_file_without_its_trailer_was_cut(kept: int) -> None:
    """Every payment that is there is read, and the file is not whole."""
    lines = lines_of(returned("张三", "李四", "王五"))

    statement = read_statement(b"".join(lines[: kept + 1]), FIXED, "file")

    assert statement.lines["outcome"].to_list() == ["paid"] * kept
    assert "D143" in {finding.code.value for finding in statement.findings}


def test_zeros_in_front_are_no_part_of_a_number_and_a_blank_is_none() -> None:
    """000000000015001 is 15001 fen; where a bank left the amount out, it is missing and not nothing."""
    lines = lines_of(returned("张三", "李四"))
    at = lines[1].index(b"000000000015001")
    lines[2] = lines[2][:at] + b" " * 15 + lines[2][at + 15 :]

    statement = read_statement(b"".join(lines), FIXED, "file")

    assert statement.lines["amount_fen"].to_list() == [15001, None]
    assert statement.lines["fault"].to_list() == [None, "amount"]


def test_an_acknowledgement_and_a_statement_are_read_too() -> None:
    """A payment file taken by the bank; 借 went out, two bytes of it."""
    said = b"A" + b"DX-1.txt".ljust(80) + b"20250815" + b"00000003" + b"000000000045006" + b" " * 64 + b"00" + b" " * 60
    (told,) = read_acknowledgement(said + b"\r\n", FIXED, "ack")
    assert isinstance(FIXED.statement, ReturnLayout)
    data = answered(FIXED.statement, answer(1, result="借"), answer(2, result="贷"))
    statement = read_statement(data, FIXED, "file", kind=StatementKind.STATEMENT)

    assert (told.file_name, told.is_accepted, told.count, told.total_fen, told.received_on) == (
        "DX-1.txt",
        True,
        3,
        45006,
        DAY,
    )
    assert statement.lines["outcome"].to_list() == ["paid", "returned"]


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("{of: name, width: 120}", "{of: name}", "D131"),
        ("{of: name, width: 120}", "{of: name, width: 120, pad: zero, align: right}", "D132"),
        ("{of: amount, width: 15, align: right, pad: zero}", "{of: amount, width: 15, pad: zero}", "D132"),
        ("{text: D, width: 1}", "{text: 明细, width: 1}", "D132"),
        ("  form: fixed\n", "  form: fixed\n  headings: true\n", "D132"),
        ("  form: fixed\n", "  form: text\n", "D132"),
    ],
)
def test_a_profile_says_every_width(before: str, after: str, code: str) -> None:
    """What is missing or makes no sense is found before a batch is sent, with its line."""
    with pytest.raises(DeliveryError) as raised:
        changed(NAME, (before, after))

    found = [finding for finding in raised.value.findings if finding.code.value == code]
    assert found
    assert all(finding.place.line and finding.help for finding in found)
