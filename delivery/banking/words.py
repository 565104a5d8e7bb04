"""The words that fill cells of banks' files, and what kind of value each is.

A profile may use no others; which ones a file must carry is said here too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

Kind = Literal["text", "amount", "day", "count"]

DTYPES: Mapping[Kind, pl.DataType] = {
    "text": pl.String(),
    "amount": pl.Int64(),  # fen
    "day": pl.Date(),
    "count": pl.Int64(),
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the cells of one kind of file may be filled from.

    `needed` stand in columns, `framing` in the head or the trailer.
    """

    frame: Mapping[str, Kind]
    columns: Mapping[str, Kind]
    needed: frozenset[str]
    framing: frozenset[str] = frozenset()

    def kind(self, word: str) -> Kind:
        """Return what kind of value a word is."""
        return self.columns[word] if word in self.columns else self.frame[word]


_TOTALS: dict[str, Kind] = {"count": "count", "total": "amount"}
_BATCH: dict[str, Kind] = {
    "batch_id": "text",
    "policy": "text",
    "title": "text",
    "payer": "text",
    "pay_day": "day",
    "content_hash": "text",
    "file_name": "text",
    "file_number": "count",
    "file_count": "count",
    "total_words": "text",  # in capital numerals
    "hash_total": "text",
    **_TOTALS,
}

PAYMENT = Vocabulary(
    frame=_BATCH,
    columns={
        "number": "count",  # in the batch
        "sequence": "count",  # in the file
        "reference": "text",
        "name": "text",
        "account": "text",
        "bank": "text",
        "amount": "amount",
        "period": "text",
        "summary": "text",
        "item_id": "text",
        **{word: kind for word, kind in _BATCH.items() if word not in _TOTALS},
    },
    needed=frozenset({"reference", "name", "account", "amount"}),
    framing=frozenset({"count", "total"}),
)
"""A payment file: what is to be paid."""

ORDERS = Vocabulary(
    frame=_BATCH,
    columns={
        "number": "count",
        "payer": "text",
        "payer_account": "text",
        "funding_line": "text",
        "account_code": "text",
        "payee": "text",
        "payee_account": "text",
        "payee_bank": "text",
        "purpose": "text",
        "payments": "count",
        "amount": "amount",
    },
    needed=frozenset({"payer", "account_code", "payee_bank", "purpose", "amount"}),
    framing=frozenset({"total"}),
)
"""The orders that stand before a treasury's annex: totals by funding line and receiving bank."""

RETURNS = Vocabulary(
    frame={
        "batch_id": "text",
        "file_name": "text",
        "statement_id": "text",
        "booked_on": "day",
        "paid_count": "count",
        "paid_total": "amount",
        "failed_count": "count",
        "failed_total": "amount",
        **_TOTALS,
    },
    columns={
        "number": "count",
        "reference": "text",
        "account": "text",
        "name": "text",
        "amount": "amount",
        "result": "text",
        "reason": "text",
        "booked_on": "day",
    },
    needed=frozenset({"reference", "amount", "result"}),
)
"""A return file or a statement: what became of each payment."""

ACKNOWLEDGEMENT = Vocabulary(
    frame={},
    columns={
        "batch_id": "text",
        "file_name": "text",
        "received_on": "day",
        "count": "count",
        "total": "amount",
        "hash_total": "text",
        "result": "text",
        "reason": "text",
    },
    needed=frozenset({"file_name", "result"}),
)
"""An acknowledgement: whether the bank took a file; one line for each."""
