"""A payment profile: how one bank wants its payment files, and what its answers look like. Data, one version a file.

A bank that changes its layout gets a new version; the old file stays, so that what was sent can be rendered again.
"""

from decimal import Decimal
from typing import Annotated, Literal

import pydantic

from core.money import fen_of_yuan
from core.strict_yaml import Written
from delivery.banking.layouts import LINES_ON_A_SHEET, Layout

Outcome = Literal["paid", "failed", "returned", "pending"]


class Result(Written):
    """What a result code of a bank means."""

    outcome: Outcome
    reason: str  # in Chinese, for the paymaster and for who is paid
    closes: bool = False  # the account is gone: it is not paid to again until its holder names it


class Receipt(Written):
    """What a result code of an acknowledgement means."""

    accepted: bool
    reason: str


class OrderTerms(Layout):
    """The list of payment orders before a treasury's annex; who pays from which account, and where one bank receives for all."""

    payer_account: str = ""
    payee: str = ""  # the agent bank that pays the annex out; empty: an order for each receiving bank
    payee_account: str = ""
    payee_bank: str = ""


class PaymentLayout(Layout):
    """A payment file; `orders` make it the workbook of a treasury, with the payments as its annex."""

    file_name: str  # with {batch_id} and {number}, perhaps {pay_day}
    lines_max: Annotated[int, pydantic.Field(ge=1, le=LINES_ON_A_SHEET)] = LINES_ON_A_SHEET
    total_max: Annotated[int | Decimal, pydantic.Field(gt=0)] | None = None  # yuan, of one file
    orders: OrderTerms | None = None

    @property
    def total_max_fen(self) -> int | None:
        """Return the most that one file may pay."""
        return None if self.total_max is None else fen_of_yuan(self.total_max)


class ReturnLayout(Layout):
    """A return file or a statement with a result for each payment."""

    results: dict[str, Result]


class Camt053(Written):
    """A statement as ISO 20022 says it; `results` are its codes of returns."""

    form: Literal["camt.053"]
    currency: str = "CNY"
    results: dict[str, Result]


class AcknowledgementLayout(Layout):
    """What a bank says when it has a file."""

    results: dict[str, Receipt]


class PaymentProfile(Written):
    """One version of one bank's forms."""

    code: str
    version: Annotated[int, pydantic.Field(ge=1)]
    title: str
    tax: str | None = None  # what the payment advice says of tax
    payment: PaymentLayout
    acknowledgement: AcknowledgementLayout | None = None
    returns: ReturnLayout | None = None
    statement: Annotated[ReturnLayout | Camt053, pydantic.Field(discriminator="form")] | None = None

    @property
    def name(self) -> str:
        """Return what batches and their files call it: code and version."""
        return f"{self.code}@{self.version}"
