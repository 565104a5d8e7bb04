from dataclasses import replace

import polars as pl
import pytest

from core.errors import DeliveryError
from core.ledger import ItemKind
from delivery.payout_table import payout_table
from tests.delivery.samples import TITLE, account, batch, payable, payee, payees

WHOLE = batch(payable(1), payable(2, period="2025-06", kind=ItemKind.ARREARS.value))


def test_a_line_says_who_where_how_much_and_what_for() -> None:
    lines = payout_table(WHOLE, payees(2)).lines

    assert lines.select("number", "name", "account", "amount_fen").row(0) == (1, "张小三", account(1).number, 15_000)
    assert lines["summary"].to_list() == [f"{TITLE}2025年7月", f"{TITLE}2025年6月补发"]


def test_the_head_has_the_totals() -> None:
    control = payout_table(WHOLE, payees(2)).control

    assert (control.count, control.total_fen, control.content_hash) == (2, 30_000, WHOLE.content_hash)


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(pl.concat([payee(1, accounts=[account(5)]), payee(2)]), id="another-account"),
        pytest.param(pl.concat([payee(1, name="李四"), payee(2)]), id="another-name"),
        pytest.param(payee(2), id="nobody"),
    ],
)
def test_a_payee_that_was_not_frozen_is_refused(known: pl.DataFrame) -> None:
    """The account used is the account frozen at approval; a later change makes a new attempt, never an edit."""
    with pytest.raises(DeliveryError, match=r"D111.*1 of 2 lines"):
        payout_table(WHOLE, known)


def test_a_line_that_was_not_frozen_is_refused() -> None:
    changed = replace(WHOLE, lines=WHOLE.lines.with_columns(pl.col("amount_fen") + 1))

    with pytest.raises(DeliveryError, match="D111"):
        payout_table(changed, payees(2))
