import time
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DeliveryError
from delivery.banking.statements import Statement, StatementKind, read_statement
from tests.delivery.banking.bank_samples import DAY, SHIPPED

PROFILE = SHIPPED["agent-bank-comma@1"]
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def balance(kind: str, yuan: str, side: str = "CRDT") -> str:
    """Return a balance."""
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy='CNY'>{yuan}</Amt>"
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>2025-08-15</Dt></Dt></Bal>"
    )


def payment(
    reference: str = "RF1", yuan: str = "150.00", inner: str = "", name: str = "<Pty><Nm>张小三</Nm></Pty>"
) -> str:
    """Return the details of one payment."""
    return (
        f"<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs><Amt Ccy='CNY'>{yuan}</Amt>"
        f"<RltdPties><Cdtr>{name}</Cdtr><CdtrAcct><Id><Othr><Id>6222</Id></Othr></Id></CdtrAcct></RltdPties>{inner}</TxDtls>"
    )


def entry(
    *payments: str, yuan: str = "150.00", side: str = "DBIT", status: str = "<Cd>BOOK</Cd>", more: str = ""
) -> str:
    """Return an entry with its payments."""
    return (
        f"<Ntry><Amt Ccy='CNY'>{yuan}</Amt><CdtDbtInd>{side}</CdtDbtInd>{more}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>2025-08-15</Dt></BookgDt><NtryDtls>{''.join(payments or [payment()])}</NtryDtls></Ntry>"
    )


def document(*parts: str, namespace: str = NAMESPACE, before: str = "") -> bytes:
    """Return a whole document."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<Document xmlns="{namespace}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>S1</Id>{''.join(parts)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def read(data: bytes) -> Statement:
    """Return what a document says."""
    return read_statement(data, PROFILE, "file.xml")


RETURN = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"


@pytest.mark.parametrize(
    ("part", "outcome", "fault"),
    [
        pytest.param(entry(), "paid", None, id="a-debit"),
        pytest.param(entry(payment(inner=RETURN), side="CRDT"), "returned", None, id="a-return"),
        pytest.param(entry(side="CRDT", more="<RvslInd>true</RvslInd>"), "returned", None, id="a-reversal"),
        pytest.param(entry(side="CRDT"), "unreadable", "direction", id="money-that-is-no-return"),
        pytest.param(entry(status="<Cd>PDNG</Cd>"), "pending", None, id="pending"),
        pytest.param(entry(status="BOOK"), "paid", None, id="a-status-as-in-version-2"),
        pytest.param(entry(status="<Cd>INFO</Cd>"), "unreadable", "result", id="only-information"),
        pytest.param(entry(payment("NOTPROVIDED")), "unreadable", "reference", id="no-reference"),
        pytest.param(entry(payment(yuan="150.001"), yuan="150.00"), "unreadable", "amount", id="a-tenth-of-a-fen"),
        pytest.param(entry(payment(yuan="１５０")), "unreadable", "amount", id="full-width-digits"),
        pytest.param(entry(payment().replace("CNY", "USD")), "unreadable", "amount", id="another-currency"),
    ],
)
def test_what_an_entry_says_of_a_payment(part: str, outcome: str, fault: str | None) -> None:
    """ISO 20022: debits went out, credits with a reason came back; what is neither is for a person."""
    lines = read(document(part)).lines

    assert (lines["outcome"].to_list(), lines["fault"].to_list()) == ([outcome], [fault])


def test_who_how_much_why_and_when() -> None:
    """References, parties, amounts and days stand where the message definition has them."""
    statement = read(document(entry(payment("RF9", inner=RETURN), side="CRDT"), balance("CLBD", "1.00")))

    (line,) = statement.lines.iter_rows(named=True)
    assert (line["reference"], line["account"], line["name"], line["amount_fen"]) == ("RF9", "6222", "张小三", 15_000)
    assert (line["reason_code"], line["reason"], line["booked_on"]) == ("AC04", "账户已销户", DAY)
    assert statement.head == {"message_id": "M1", "statement_id": "S1", "booked_on": DAY}
    assert statement.kind is StatementKind.STATEMENT


def test_a_reason_that_nobody_knows_is_a_return_all_the_same() -> None:
    """The money came back; why is left to be asked."""
    (line,) = read(document(entry(payment(inner=RETURN.replace("AC04", "ZZ99")), side="CRDT"))).lines.iter_rows(
        named=True
    )

    assert (line["outcome"], line["reason_code"], line["reason"]) == ("returned", "ZZ99", None)


def test_names_stand_where_version_2_has_them() -> None:
    """Until version 8 a party had its name directly below it."""
    data = document(entry(payment(name="<Nm>张小三</Nm>")), namespace=NAMESPACE.replace("08", "02"))

    assert read(data).lines["name"].to_list() == ["张小三"]


def test_an_entry_of_many_payments_is_as_many_lines() -> None:
    """A batch booked in one sum is listed payment by payment."""
    statement = read(document(entry(payment("RF1"), payment("RF2", "50.00"), yuan="200.00"), entry(payment("RF3"))))

    assert statement.is_whole
    assert statement.lines["reference"].to_list() == ["RF1", "RF2", "RF3"]
    assert statement.lines["line"].to_list() == [1, 2, 3]


def test_one_sum_without_its_payments_is_a_line_for_a_person() -> None:
    """Nothing is dropped: it has no reference, so it marks nothing paid."""
    data = document(entry().replace(payment(), ""))

    assert read(data).lines["fault"].to_list() == ["reference"]


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([entry(payment(), payment("RF2"), yuan="200.00")], id="parts-of-an-entry"),
        pytest.param([balance("OPBD", "500.00"), balance("CLBD", "340.00"), entry()], id="balances"),
        pytest.param(["<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries></TxsSummry>", entry()], id="count"),
        pytest.param(
            ["<TxsSummry><TtlDbtNtries><NbOfNtries>0</NbOfNtries></TtlDbtNtries></TxsSummry>", entry()], id="debits"
        ),
    ],
)
def test_sums_that_do_not_agree_are_found(parts: Iterable[str]) -> None:
    """M6: entry = Σ payments, opening + credits less debits = closing, summary = entries."""
    statement = read(document(*parts))

    assert [finding.code.value for finding in statement.findings] == ["D142"]
    assert statement.lines.height >= 1


def test_balances_that_agree() -> None:
    """An overdrawn account has a balance on the other side."""
    parts = [balance("OPBD", "100.00"), balance("CLBD", "50.00", "DBIT"), entry()]

    assert read(document(*parts)).is_whole


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(document(entry(), before='<!DOCTYPE Document [<!ENTITY a "b">]>'), "D145", id="an-entity"),
        pytest.param(
            document(entry(), before='<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">'), "D145", id="elsewhere"
        ),
        pytest.param(document(entry(payment("&a;"))), "D140", id="an-entity-nobody-declared"),
        pytest.param(document(entry())[:-30], "D140", id="cut-short"),
        pytest.param(
            document(entry(), namespace="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"), "D140", id="another-message"
        ),
        pytest.param(b"<html/>", "D140", id="a-web-page"),
        pytest.param(b"<", "D140", id="a-sign"),
        pytest.param(b"<a>" * 100_000, "D140", id="very-deep"),
        pytest.param(document("<Id>" + "x" * 11_000_000 + "</Id>"), "D140", id="a-very-long-text"),
    ],
)
def test_hostile_xml_is_refused(data: bytes, code: str) -> None:
    """S5: no entity is declared, nothing is fetched, depth and length are bounded."""
    with pytest.raises(DeliveryError, match=code):
        read(data)


def test_laughs_are_not_multiplied() -> None:
    """S5: nested entities would be a billion; the document type is refused before any is read."""
    entities = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10))
    bomb = document(entry(payment("&a9;")), before=f'<!DOCTYPE Document [<!ENTITY a0 "ha">{entities}]>')
    began = time.process_time()

    with pytest.raises(DeliveryError, match="D145"):
        read(bomb)

    assert time.process_time() - began < 1


@given(kept=st.integers(0, 2000))
def test_a_document_cut_short_is_refused(kept: int) -> None:
    """XML that does not end says nothing."""
    data = document(entry(), entry(payment("RF2")))

    with pytest.raises(DeliveryError, match="D140"):
        read_statement(data[: min(kept, len(data) - 1)], PROFILE, "file", kind=StatementKind.STATEMENT)
