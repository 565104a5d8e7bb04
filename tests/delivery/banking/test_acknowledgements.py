from dataclasses import replace

import polars as pl
import pytest

from core.errors import DeliveryError
from delivery.banking.acknowledgements import read_acknowledgement
from delivery.banking.payment_files import PaymentFile, payment_files
from delivery.banking.profile import PaymentProfile
from delivery.banking.words import ACKNOWLEDGEMENT
from delivery.banking.written import Table, write_table
from tests.delivery.banking.bank_samples import DAY, PLACE, SHIPPED, table

BAR = SHIPPED["agent-bank-bar@1"]


def acknowledged(file: PaymentFile, profile: PaymentProfile, **said: object) -> bytes:
    """Return what a bank says when it has a file."""
    assert profile.acknowledgement is not None
    usual = {
        "batch_id": "b_1",
        "file_name": file.name,
        "received_on": DAY,
        "count": file.count,
        "total": file.total_fen,
        "hash_total": file.hash_total,
        "result": "00",
        "reason": "",
    }
    lines = pl.DataFrame([usual | said])
    return write_table(
        Table(ACKNOWLEDGEMENT, pl.DataFrame([{"batch_id": "b_1"}]), lines), profile.acknowledgement, PLACE
    )


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize(("result", "is_accepted"), [("00", True), ("93", False)])
def test_whether_the_bank_took_a_file(name: str, result: str, is_accepted: bool) -> None:
    """Taken or refused, with the reason in Chinese, and the totals that the bank counted."""
    (file,) = payment_files(table(), SHIPPED[name])

    (said,) = read_acknowledgement(acknowledged(file, SHIPPED[name], result=result), SHIPPED[name], "ack")

    assert (said.file_name, said.is_accepted, said.received_on) == (file.name, is_accepted, DAY)
    assert said.reason == ("已受理" if is_accepted else "文件重复")
    assert list(said.differences(file, "ack")) == []


@pytest.mark.parametrize("word", ["count", "total", "hash_total"])
def test_a_bank_that_counted_differently_is_found(word: str) -> None:
    """M6: the file that the bank has is the file that was approved."""
    (file,) = payment_files(table(), BAR)
    (said,) = read_acknowledgement(acknowledged(file, BAR, **{word: "9" if word == "hash_total" else 9}), BAR, "ack")

    (finding,) = said.differences(file, "ack")

    assert (finding.code.value, str(finding.place)) == ("D146", "ack:1")
    assert word in finding.message


def test_what_the_bank_does_not_say_is_not_compared() -> None:
    """An acknowledgement without totals says only that the file is there."""
    (file,) = payment_files(table(), BAR)
    data = acknowledged(file, BAR, count=None, total=None, hash_total=None)

    (said,) = read_acknowledgement(data, BAR, "ack")

    assert (said.count, said.total_fen, said.hash_total) == (None, None, None)
    assert list(said.differences(replace(file, count=7), "ack")) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"|00|", b"|55|"), (b"|00|", b"||"), (b"A|", b"B|"), (b"DF2025", b"\xff"), (b"|3|", b"|x|"), (b"\r\n", b"")],
)
def test_an_acknowledgement_is_read_whole_or_not_at_all(before: bytes, after: bytes) -> None:
    """Who has a file and who has not is nothing to guess."""
    (file,) = payment_files(table(), BAR)
    data = acknowledged(file, BAR)
    assert before in data

    with pytest.raises(DeliveryError, match=r"D14[034]"):
        read_acknowledgement(data.replace(before, after, 1), BAR, "ack")


@pytest.mark.parametrize("data", [b"", b"\x00", b"PK\x03\x04", b"<Document/>"])
@pytest.mark.parametrize("name", SHIPPED)
def test_other_files_are_refused(name: str, data: bytes) -> None:
    """S5: bytes that are no acknowledgement end in a clean refusal."""
    with pytest.raises(DeliveryError, match="D140"):
        read_acknowledgement(data, SHIPPED[name], "ack")
