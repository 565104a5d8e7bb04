import io
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import polars as pl
import pytest

from core.days import add_days
from core.ledger import ItemKind
from delivery.accounts import Account
from delivery.payees import Payee
from delivery.payment_advice import ADVISED, Advice, Grounds, advice_for, advice_of_batch, render_text, render_xlsx
from tests.delivery.banking.bank_samples import DAY
from tests.delivery.samples import account, batch, payable, payee

CARE = Grounds("重度残疾人护理补贴", ("沪民残福发〔2025〕5号 第一条",), "区残联", "021-59720000")
JOBS = Grounds("稳岗返还", ("人社部发〔2025〕1号",), tax="专项用途财政性资金，不征税收入")


def payments(*said: dict[str, Any]) -> pl.DataFrame:
    """Return payments to one receiver, each with complete defaults."""
    usual = {
        "policy": "care",
        "payer": "区残联",
        "pay_day": DAY,
        "period": "2025年7月",
        "summary": "护理补贴2025年7月",
        "reference": "RF1",
        "amount_fen": 15_000,
        "booked_on": DAY,
    }
    return pl.DataFrame([usual | each for each in said or ({},)], schema=ADVISED)


def receiver(name: str, *accounts: Account) -> Payee:
    """Return who receives."""
    return Payee.of_row(payee(1, name, accounts or None).row(0, named=True))


def advised(*said: dict[str, Any], name: str = "上海青浦某某有限公司") -> Advice:
    """Return the advice for one enterprise."""
    return advice_for(receiver(name), payments(*said), {"care": CARE, "jobs": JOBS}, issued_on=add_days(DAY, 5))


def test_an_advice_for_a_batch_sums_by_period_and_names_nobody() -> None:
    """The department's accountant books sums; who got what stands in the payment file. No vault is asked."""
    arrears = payable(2, period="2025-06", kind=ItemKind.ARREARS.value)

    text = render_text(advice_of_batch(batch(payable(1), arrears, payable(3)), CARE))

    assert "2025年7月  重度残疾人护理补贴2025年7月      2         300.00" in text
    assert "2025年6月  重度残疾人护理补贴2025年6月补发  1         150.00" in text
    assert "合计（元）：450.00\n大写：人民币肆佰伍拾元整\n政策依据：沪民残福发〔2025〕5号 第一条" in text


def test_an_advice_for_a_receiver_says_what_to_book() -> None:
    """批次、摘要、所属期、付款单位、金额大写、依据: an accountant needs no other paper."""
    text = render_text(
        advised({}, {"policy": "jobs", "payer": "区人社局", "amount_fen": 1_234_567, "reference": "RF2"})
    )

    for words in (
        "收款单位：上海青浦某某有限公司",
        "区人社局  RF2",
        "12345.67",
        "合计（元）：12,495.67",
        "人民币壹万贰仟肆佰玖拾伍元陆角柒分",
        "政策依据（重度残疾人护理补贴）：沪民残福发〔2025〕5号 第一条",
        "税务处理（稳岗返还）：专项用途财政性资金，不征税收入",
        "主管部门（重度残疾人护理补贴）：区残联，021-59720000",
    ):
        assert words in text


def test_what_nobody_said_of_tax_is_not_made_up() -> None:
    """Whether a payment is taxed is declared or left open."""
    assert "税务处理：付款单位未作说明，请按税务规定办理" in render_text(advised())


def test_an_account_is_shown_by_its_last_digits() -> None:
    """The paper lies about in an office; its reader knows the account."""
    text = render_text(advised())

    assert "收款账号：***************0001" in text
    assert account(1).number not in text


def test_of_several_accounts_none_is_said() -> None:
    """Which one was paid stands in the payment file; a wrong one on paper is worse than none."""
    several = receiver("某某公司", account(1), account(2))

    text = render_text(advice_for(several, payments(), {"care": CARE}, issued_on=DAY))

    assert "收款账号" not in text


def test_what_the_bank_has_not_confirmed_says_so() -> None:
    """Money under way is not booked as arrived."""
    text = render_text(advised({}, {"booked_on": None, "amount_fen": 1}))

    assert "待银行确认" in text
    assert "其中已入账（元）：150.00" in text
    assert "其中已入账" not in render_text(advised())


@pytest.mark.parametrize("name", ["=1+1有限公司", "@SUM(A1)"])
def test_no_cell_of_the_workbook_is_a_formula(name: str) -> None:
    """S4: words are text cells, amounts numbers."""
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(advised({}, {"policy": "jobs"}, name=name))))

    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert name in {cell.value for cell in cells}


def test_text_and_workbook_say_the_same() -> None:
    """Every label, text and amount of one stands in the other."""
    advice = advised({}, {"policy": "jobs", "booked_on": None})
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(advice)))

    shown = {str(cell.value) for row in book.active.iter_rows() for cell in row if cell.value is not None}
    assert {text for pair in (*advice.facts, *advice.notes) for text in pair} <= shown
    assert set(advice.headings) <= shown
    assert "300.0" in shown


def test_columns_stand_below_each_other() -> None:
    """Chinese characters take two places; read on a terminal, amounts end in one column."""
    text = render_text(advised({}, {"summary": "短", "amount_fen": 1}))

    ends = {len(line.encode("gb18030")) for line in text.splitlines() if line.startswith(("2025年7月", "所属期"))}
    assert len(ends) == 1


def test_the_same_bytes() -> None:
    """Printed again, it is the same paper."""
    assert render_xlsx(advised()) == render_xlsx(advised())
