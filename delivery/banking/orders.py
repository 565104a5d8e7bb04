"""Payment orders of a treasury (国库集中支付): totals by funding line and receiving bank, then every payment as an annex."""

import polars as pl

from core.errors import DeliveryError
from core.findings import Place
from delivery.banking.profile import OrderTerms, PaymentLayout
from delivery.banking.sheets import workbook
from delivery.banking.words import ORDERS
from delivery.banking.written import Table, sheet_of, texts_of
from delivery.codes import DeliveryCode
from delivery.payout_table import FUNDING_PARTS, PayoutTable

_BY = ("funding_line", "account_code", "payee_bank")


def write_orders(annex: Table, table: PayoutTable, layout: PaymentLayout, place: Place) -> bytes:
    """Return the workbook of a file's orders and their annex.

    Fails: `DeliveryError` where funding parts are not the payments, or where something cannot be carried.
    """
    terms = layout.orders
    assert terms is not None, "who calls has made sure of it"
    orders = orders_of(annex, table, terms, place)
    sheets = [sheet_of(each, texts_of(each, form, place)) for each, form in ((orders, terms), (annex, layout))]
    return workbook(sheets, title=table.control.title)


def orders_of(annex: Table, table: PayoutTable, terms: OrderTerms, place: Place) -> Table:
    """Return the orders of one file.

    Shape: one row per funding line, account code and receiving bank, in the order in which funding lines are first named.
    Nulls: where the rule declares no funding lines, one without name or code has all of it.
    Fails: `DeliveryError` where the parts of a payment are not its amount.
    """
    paid = annex.lines.select("reference", "bank", "amount")
    parts = _parts(table, paid, place)
    bank = pl.lit(terms.payee_bank) if terms.payee else pl.col("bank")
    sums = (
        parts.join(paid.select("reference", "bank"), on="reference", how="left", validate="m:1", maintain_order="left")
        .with_columns(payee_bank=bank)
        .group_by(_BY, maintain_order=True)
        .agg(amount=pl.col("amount_fen").sum(), payments=pl.col("reference").n_unique().cast(pl.Int64))
    )
    lines = sums.with_columns(
        payer=pl.lit(table.control.payer),
        payer_account=pl.lit(terms.payer_account),
        payee=pl.lit(terms.payee),
        payee_account=pl.lit(terms.payee_account),
        purpose=pl.lit(table.control.title),
    ).with_row_index("number", offset=1)
    return Table(ORDERS, annex.frame, lines)


def _parts(table: PayoutTable, paid: pl.DataFrame, place: Place) -> pl.DataFrame:
    """Return how funding lines share in each payment of a file: `FUNDING_PARTS`."""
    if table.funding is None:
        nowhere = {name: pl.lit("") for name in ("funding_line", "account_code")}
        return paid.select("reference", amount_fen="amount").with_columns(**nowhere).select(FUNDING_PARTS.names())
    parts = table.funding.filter(pl.col("reference").is_in(paid["reference"].implode()))
    sums = parts.group_by("reference").agg(pl.col("amount_fen").sum())
    differing = paid.join(sums, on="reference", how="left").filter(pl.col("amount").ne_missing(pl.col("amount_fen")))
    if not differing.is_empty():
        count = differing.height
        payments = "1 payment" if count == 1 else f"{count} payments"
        message = f"the funding lines do not add up to the amount of {payments}"
        remedy = "cancel the batch and let it be collected anew"
        raise DeliveryError.one(DeliveryCode.FUNDING_DIFFERS, place, message, remedy)
    order = paid.select("reference").with_row_index("place")
    return parts.join(order, on="reference", how="left", maintain_order="left").sort("place", maintain_order=True)
