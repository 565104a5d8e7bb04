"""`mianshen payouts advice`: what accountants book, out of a real batch."""

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_USAGE
from store.batches import read_batches, read_lines
from tests.bank_files import lines_of, write_returns
from tests.commands.terminal import Said, mianshen
from tests.commands.test_payouts_commands import PAY_DAY, _exported, _payouts
from tests.world import World


@pytest.fixture
def frozen(world: World) -> tuple[World, str]:
    """Return a world with one batch that waits for approval."""
    world.rule(on="2025-01-03")
    world.night(PAY_DAY)
    with world.store.reading() as rx:
        return world, read_batches(rx)[0].batch_id


def _advice(world: World, *words: object) -> Said:
    return mianshen("payouts", "advice", *words, "--by", "li", "-w", world.root)


def test_the_advice_of_a_batch_names_nobody(frozen: tuple[World, str]) -> None:
    """Sums, basis and the amount in capital numerals; no name, no account."""
    world, batch = frozen
    names = {row[4] for row in lines_of(_exported(world, batch))}

    said = _advice(world, batch)

    assert said.code == EXIT_DONE
    for words in ("付款通知书", f"批次号：{batch}", "大写：人民币", "政策依据：", "税务处理：付款单位未作说明"):
        assert words in said.out
    assert [name for name in names if name in said.out] == []


def test_the_advice_of_a_receiver_says_what_arrived(frozen: tuple[World, str]) -> None:
    """Under way first, booked once the bank has said so; as text and as a workbook."""
    world, batch = frozen
    sent = _exported(world, batch)
    with world.store.reading() as rx:
        subject_id = read_lines(rx, batch, is_whole=True)["subject_id"][0]

    before = _advice(world, "--for", subject_id, "--since", PAY_DAY, "--through", PAY_DAY)
    _payouts(world, "import", write_returns(world.root.parent, sent, ["00"] * len(lines_of(sent))), "--by", "li")
    to = world.root.parent / "advice.xlsx"
    after = _advice(world, "--for", subject_id, "--since", PAY_DAY, "--through", PAY_DAY, "--to", to)

    assert "待银行确认" in before.out
    assert "入账通知书" in before.out
    assert after.code == EXIT_DONE
    cells = {cell.value for row in openpyxl.load_workbook(to).active.iter_rows() for cell in row}
    assert "2025-01-16" in cells
    assert "待银行确认" not in cells


def test_nothing_paid_is_said(frozen: tuple[World, str]) -> None:
    """A frozen batch has not gone out."""
    world, batch = frozen
    with world.store.reading() as rx:
        subject_id = read_lines(rx, batch)["subject_id"][0]

    said = _advice(world, "--for", subject_id, "--since", PAY_DAY, "--through", PAY_DAY)

    assert (said.code, "D147" in said.err) == (EXIT_FINDINGS, True)


def test_a_batch_or_a_receiver(frozen: tuple[World, str]) -> None:
    """Neither and both are a slip of the pen."""
    world, batch = frozen

    assert [_advice(world).code, _advice(world, batch, "--for", "x").code] == [EXIT_USAGE] * 2
