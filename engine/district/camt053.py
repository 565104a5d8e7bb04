"""A statement as ISO 20022 camt.053 says it: what a bank would send of its bookings, one entry for each payment."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from core.money import yuan_plain

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


@dataclass(frozen=True, slots=True)
class Booking:
    """Money that went out, or with a `code` came back."""

    reference: str
    account: str = field(repr=False)
    name: str = field(repr=False)
    amount_fen: int
    booked_on: dt.date
    code: str | None = None


def write_camt053(
    bookings: Iterable[Booking], *, statement_id: str, on: dt.date, opening_fen: int, currency: str = "CNY"
) -> bytes:
    """Return a statement with its balances and the number of its entries."""
    entries = list(bookings)
    out = sum(each.amount_fen for each in entries if each.code is None)
    back = sum(each.amount_fen for each in entries if each.code is not None)
    closing_fen = opening_fen - out + back
    debits = sum(each.code is None for each in entries)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<Document xmlns="{_NAMESPACE}"><BkToCstmrStmt>',
        f"<GrpHdr><MsgId>{escape(statement_id)}</MsgId><CreDtTm>{on}T23:00:00</CreDtTm></GrpHdr>",
        f"<Stmt><Id>{escape(statement_id)}</Id>",
        *(_balance(kind, fen, on, currency) for kind, fen in (("OPBD", opening_fen), ("CLBD", closing_fen))),
        f"<TxsSummry><TtlNtries><NbOfNtries>{len(entries)}</NbOfNtries></TtlNtries>",
        f"<TtlCdtNtries><NbOfNtries>{len(entries) - debits}</NbOfNtries></TtlCdtNtries>",
        f"<TtlDbtNtries><NbOfNtries>{debits}</NbOfNtries></TtlDbtNtries></TxsSummry>",
        *_entries(entries, currency),
        "</Stmt></BkToCstmrStmt></Document>",
    ]
    return "\n".join(parts).encode()


def _balance(kind: str, fen: int, on: dt.date, currency: str) -> str:
    side = "CRDT" if fen >= 0 else "DBIT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{yuan_plain(abs(fen))}</Amt>"
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>"
    )


def _entries(bookings: Iterable[Booking], currency: str) -> Iterator[str]:
    for each in bookings:
        amount = f"<Amt Ccy='{currency}'>{yuan_plain(each.amount_fen)}</Amt>"
        side = f"<CdtDbtInd>{'DBIT' if each.code is None else 'CRDT'}</CdtDbtInd>"
        why = f"<RtrInf><Rsn><Cd>{escape(each.code)}</Cd></Rsn></RtrInf>" if each.code else ""
        yield (
            f"<Ntry>{amount}{side}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{each.booked_on}</Dt></BookgDt><NtryDtls><TxDtls>"
            f"<Refs><EndToEndId>{escape(each.reference)}</EndToEndId></Refs>{amount}{side}<RltdPties>"
            f"<Cdtr><Pty><Nm>{escape(each.name)}</Nm></Pty></Cdtr>"
            f"<CdtrAcct><Id><Othr><Id>{escape(each.account)}</Id></Othr></Id></CdtrAcct></RltdPties>{why}"
            "</TxDtls></NtryDtls></Ntry>"
        )
