import hashlib
import io
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from string import ascii_letters
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DeliveryError
from delivery.banking.payment_files import PaymentFile, hash_total, payment_files, read_payment_file
from delivery.banking.profile import PaymentProfile
from delivery.payees import one_line
from delivery.payout_table import FUNDING_PARTS, PayoutTable
from tests.delivery.banking.bank_samples import SHIPPED, changed, payment, table

GOLDEN = Path(__file__).parent / "golden"
TEXT = ["agent-bank-bar@1", "agent-bank-comma@1", "agent-bank-fixed@1"]
PAID = ("reference", "account", "name", "amount_fen")


@pytest.mark.parametrize("name", SHIPPED)
def test_what_a_file_says_is_what_is_to_be_paid(name: str) -> None:
    """parse(render(x)) = x, for every profile that is shipped."""
    whole = table()

    (file,) = payment_files(whole, SHIPPED[name])

    read = read_payment_file(file.data, SHIPPED[name], file.name)
    assert read.lines.select(PAID).rows() == whole.lines.select(PAID).rows()
    assert (read.frame["batch_id"], read.frame["total"]) == ("b_1", whole.control.total_fen)


def rendered(whole: PayoutTable, profile: PaymentProfile) -> tuple[PaymentFile | None, set[str]]:
    """Return a table's only file, or the codes of why there is none."""
    try:
        return payment_files(whole, profile)[0], set()
    except DeliveryError as error:
        return None, {finding.code.value for finding in error.findings}


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), max_size=12).map(one_line)


@pytest.mark.parametrize("name", SHIPPED)
@settings(max_examples=20)  # workbooks take their time
@given(said=st.tuples(words, words, words.filter(bool), st.integers(1, 10**13)))
def test_any_text_comes_back_or_is_refused(name: str, said: tuple[str, str, str, int]) -> None:
    """Whatever stands in a name, a bank or a purpose: it is read back sign by sign, or its line is named."""
    person, bank, title, amount_fen = said
    whole = table(payment(1, name=person or "张", bank=bank, amount_fen=min(amount_fen, 5 * 10**9)), title=title)

    file, codes = rendered(whole, SHIPPED[name])
    if file is None:
        assert codes <= {"D134", "D135"}
        return

    (line,) = read_payment_file(file.data, SHIPPED[name], file.name).lines.iter_rows(named=True)
    assert (line["name"], line["bank"]) == (person or "张", bank)
    assert line["amount_fen"] == whole.control.total_fen


@given(
    amounts=st.lists(st.integers(1, 900), min_size=1, max_size=30),
    lines=st.integers(1, 9),
    total=st.integers(900, 2500),
)
def test_the_files_of_a_batch_are_its_lines_in_order(amounts: list[int], lines: int, total: int) -> None:
    """M6: nothing is lost or twice between two files, no file is above a cap, and none could take the next line."""
    profile = changed(
        "agent-bank-bar@1", ("lines_max: 50000", f"lines_max: {lines}"), ("total_max: 100000000", f"total_max: {total}")
    )
    whole = table(*(payment(number, amount_fen=yuan * 100) for number, yuan in enumerate(amounts, 1)))

    files = payment_files(whole, profile)

    read = [read_payment_file(file.data, profile, file.name).lines for file in files]
    assert pl.concat(read)["reference"].to_list() == whole.lines["reference"].to_list()
    assert sum(file.total_fen for file in files) == whole.control.total_fen
    assert [file.number for file in files] == list(range(1, len(files) + 1))
    assert len({file.name for file in files}) == len(files)
    assert all(file.count <= lines and file.total_fen <= total * 100 for file in files)
    for before, after in pairwise(zip(files, read, strict=True)):
        assert before[0].count == lines or before[0].total_fen + after[1]["amount_fen"][0] > total * 100


def test_the_same_bytes_on_another_machine() -> None:
    """M7: another process, another hash seed, time zone, language and day give the same bytes."""
    script = (
        "import sys\n"
        "from delivery.banking.payment_files import payment_files\n"
        "from tests.delivery.banking.bank_samples import SHIPPED, table\n"
        "sys.stdout.write(' '.join(payment_files(table(), SHIPPED[name])[0].sha256 for name in sorted(SHIPPED)))\n"
    )
    elsewhere = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "TZ": "America/Lima",
        "LC_ALL": "C",
        "PYTHONPATH": str(Path.cwd()),
    }

    done = subprocess.run([sys.executable, "-c", script], env=elsewhere, capture_output=True, text=True, check=True)

    here = [payment_files(table(), SHIPPED[name])[0] for name in sorted(SHIPPED)]
    assert done.stdout.split() == [hashlib.sha256(file.data).hexdigest() for file in here]
    assert done.stdout.split() == [file.sha256 for file in here]


@pytest.mark.parametrize("name", TEXT)
def test_what_a_bank_receives(name: str, *, update_golden: bool) -> None:
    """A change of these files is a change of what banks receive: it needs a new version of the profile."""
    (file,) = payment_files(table(), SHIPPED[name])

    golden = GOLDEN / f"{name}.payment"
    if update_golden:
        golden.write_bytes(file.data)
    assert file.data == golden.read_bytes()


def test_the_known_bytes_of_workbooks() -> None:
    """A change of these hashes is a change of what banks and the treasury receive."""
    hashes = {name: payment_files(table(), SHIPPED[name])[0].sha256[:16] for name in SHIPPED if name not in TEXT}

    assert hashes == {"agent-bank-xlsx@1": "0e8c50c7bedf0ccf", "treasury-orders@1": "0572e754f230f941"}


def test_the_hash_total_does_not_depend_on_the_order_of_lines() -> None:
    """It is over sorted lines of reference, account, name and fen; each of them counts."""
    whole = table().lines
    others = [
        whole.with_columns(pl.lit("李四").alias("name")),
        whole.with_columns(pl.lit("1").alias("account")),
        whole.with_columns(pl.col("amount_fen") + 1),
    ]

    assert hash_total(whole.reverse()) == hash_total(whole)
    assert len({hash_total(each) for each in (whole, *others)}) == 4


@pytest.mark.parametrize(
    ("name", "word", "text"),
    [
        pytest.param("agent-bank-bar@1", "name", "张|三", id="the-separator"),
        pytest.param("agent-bank-bar@1", "name", "=1+1", id="a-formula"),
        pytest.param("agent-bank-comma@1", "name", "＝1+1", id="a-formula-in-full-width"),
        pytest.param("agent-bank-comma@1", "name", "＠张", id="an-at-sign-in-full-width"),
        pytest.param("agent-bank-comma@1", "bank", "-1", id="a-minus"),
        pytest.param("agent-bank-bar@1", "bank", "工行\n支行", id="a-line-break"),
        pytest.param("agent-bank-xlsx@1", "bank", "工行\x07", id="what-does-not-show"),
    ],
)
def test_what_a_file_cannot_carry_names_the_reference_and_nobody(name: str, word: str, text: str) -> None:
    """S4, S3: no cell becomes a formula or two cells, and the message has no name in it."""
    fields: dict[str, Any] = {"name": "欧阳某某"} | {word: text}

    with pytest.raises(DeliveryError) as raised:
        payment_files(table(payment(1), payment(2, **fields)), SHIPPED[name])

    (finding,) = raised.value.findings
    assert (finding.code.value, finding.count) == ("D134", 1)
    assert payment(2)["reference"] in finding.message
    assert text not in str(finding)
    assert "欧阳" not in str(finding)


def test_gbk_lacks_rare_characters_and_says_so() -> None:
    """A bank that takes GBK alone cannot be sent 䶮 or a surname of the supplementary planes; GB18030 has them."""
    rare = table(payment(1, name="䶮\U00030000"))
    narrow = changed("agent-bank-bar@1", ("encoding: gb18030", "encoding: gbk"))

    (file,) = payment_files(rare, SHIPPED["agent-bank-bar@1"])

    assert "䶮\U00030000" in file.data.decode("gb18030")
    with pytest.raises(DeliveryError, match="D134"):
        payment_files(rare, narrow)


@pytest.mark.parametrize(("signs", "is_carried"), [(17, True), (18, False)])
def test_a_width_is_counted_in_bytes(signs: int, is_carried: bool) -> None:
    """The 35 bytes of a field hold seventeen characters of two bytes, and not eighteen."""
    profile = changed("agent-bank-bar@1", ("heading: 收款人, width: 120", "heading: 收款人, width: 35"))
    whole = table(payment(1, name="张" * signs))

    if is_carried:
        payment_files(whole, profile)
    else:
        with pytest.raises(DeliveryError, match="D135"):
            payment_files(whole, profile)


def test_a_purpose_may_be_cut_where_the_profile_says_so() -> None:
    """The cut is never inside a character."""
    long = table(payment(1, summary=f"a{'补' * 40}"))

    (file,) = payment_files(long, SHIPPED["agent-bank-bar@1"])

    (line,) = read_payment_file(file.data, SHIPPED["agent-bank-bar@1"], "file").lines.iter_rows(named=True)
    assert line["summary"] == f"a{'补' * 29}"


@pytest.mark.parametrize(("letters", "written"), [("full", "ＡＢ（青浦）－１"), ("half", "AB(青浦)-1")])
def test_letters_may_be_written_in_one_width(letters: str, written: str) -> None:
    """The hash total is over what the bank reads."""
    profile = changed("agent-bank-bar@1", ("heading: 收款人, width: 120", f"heading: 收款人, letters: {letters}"))

    (file,) = payment_files(table(payment(1, name="AＢ（青浦)-１")), profile)

    assert read_payment_file(file.data, profile, "file").lines["name"].to_list() == [written]


def test_a_payment_above_the_cap_of_a_file_is_named() -> None:
    """It could stand in no file; leaving it out would lose it."""
    profile = changed("agent-bank-bar@1", ("total_max: 100000000", "total_max: 150.01"))

    with pytest.raises(DeliveryError, match="D136") as raised:
        payment_files(table(), profile)

    assert raised.value.findings[0].count == 2
    assert payment(1)["reference"] not in str(raised.value)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_cell_of_a_workbook_is_a_formula(name: str, tmp_path: Path) -> None:
    """S4: every word is a text cell, every amount a number, nothing is computed."""
    if SHIPPED[name].payment.is_text:
        return
    (file,) = payment_files(table(payment(1, name="=1+1", bank="@SUM(A1)", summary="+1")), SHIPPED[name])
    (tmp_path / "book.xlsx").write_bytes(file.data)

    book = openpyxl.load_workbook(tmp_path / "book.xlsx")

    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert kinds == {"s", "n"}


def test_orders_add_up_by_funding_line_and_bank() -> None:
    """国库集中支付: one order for each funding line, account code and receiving bank; the annex has every payment."""
    paid = [payment(1, amount_fen=10_001), payment(2, amount_fen=20_000), payment(3, amount_fen=300, bank="农业银行")]
    shares = [
        (1, "中央", "2081107", 6_001),
        (1, "区级", "2081107", 4_000),
        (2, "中央", "2081107", 20_000),
        (3, "区级", "2081107", 300),
    ]
    funding = pl.DataFrame(
        [(payment(number)["reference"], *rest) for number, *rest in shares], schema=FUNDING_PARTS, orient="row"
    )

    (file,) = payment_files(table(*paid, funding=funding), SHIPPED["treasury-orders@1"])

    assert orders_in(file.data) == [
        ["中央", "2081107", "中国工商银行青浦支行", 2, 260.01],
        ["区级", "2081107", "中国工商银行青浦支行", 1, 40],
        ["区级", "2081107", "农业银行", 1, 3],
    ]


def test_orders_to_an_agent_bank_are_one_for_each_funding_line() -> None:
    """Where one bank pays the annex out, the money goes to it."""
    profile = changed(
        "treasury-orders@1",
        ("    sheet: 支付令清单", "    sheet: 支付令清单\n    payee: 代发专户\n    payee_bank: 青浦农商行"),
    )

    (file,) = payment_files(table(payment(1), payment(2, bank="农业银行")), profile)

    assert orders_in(file.data) == [["", "", "青浦农商行", 2, 300.03]]


def test_funding_lines_that_do_not_add_up_are_refused() -> None:
    """An order says what leaves the treasury: a fen too little or too much is not rounded away."""
    parts = pl.DataFrame([(payment(1)["reference"], "中央", "1", 15_000)], schema=FUNDING_PARTS, orient="row")

    with pytest.raises(DeliveryError, match="D137"):
        payment_files(table(payment(1), funding=parts), SHIPPED["treasury-orders@1"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"15001", b"95001"),
        (b"15001", b"15002"),
        ("张小三".encode("gb18030"), "张小四".encode("gb18030")),
        (b"|62220212345678", b"|72220212345678"),
    ],
)
def test_a_file_that_was_changed_is_found(before: bytes, after: bytes) -> None:
    """Totals and hash are compared with the lines."""
    (file,) = payment_files(table(), SHIPPED["agent-bank-bar@1"])

    with pytest.raises(DeliveryError, match="D113"):
        read_payment_file(file.data.replace(before, after, 1), SHIPPED["agent-bank-bar@1"], "file")


def test_letters_stay_as_they_are() -> None:
    """A bank compares names sign by sign: nothing is changed so that it fits."""
    name = f"{ascii_letters}（青浦）(青浦)　有限公司"
    (file,) = payment_files(table(payment(1, name=name)), SHIPPED["agent-bank-bar@1"])

    assert name in file.data.decode("gb18030")


def orders_in(data: bytes) -> list[list[Any]]:
    """Return funding line, account code, bank, payments and yuan of each order of a treasury's workbook."""
    rows = list(openpyxl.load_workbook(io.BytesIO(data))["支付令清单"].iter_rows(values_only=True))
    top = next(index for index, row in enumerate(rows) if row[0] == "序号")
    close = next(index for index, row in enumerate(rows) if row[0] == "合计")
    return [[row[3], row[4], row[7], int(row[9]), row[10]] for row in rows[top + 1 : close]]
