"""What nights pay when a year's money runs out, who comes first, and what comes back: through the whole product."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from core.clock import civil_instant
from core.ledger import ItemState
from delivery.payout_table import payout_table
from delivery.stored_batches import read_batch
from engine.paying.sheets import sheet_of
from engine.report import NightReport
from store import budgets
from store.bank_lines import reopen_items
from store.batches import read_batches, read_lines
from store.journal import read_pots, verify_books
from store.money_waits import read_waiting
from store.positions import read_items
from store.states.funds import DecisionKind
from store.states.paying import AttemptState
from store.suspicions import clear_suspicion, read_suspicions
from tests.store.paying import answer
from tests.world import World, day

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}
TERMS = "{{period: month, pay: {{calendar: monthly, day: 15}}{more}}}"
PURSES = (
    ", funding: [{name: 中央, level: central, share: 60%, account: '2081107'}, {name: 区级, level: county, share: 40%}]"
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world of five people, three of them with a card."""
    made = World.at(tmp_path / "w")
    made.people("abcde")
    made.deliver("cards", [{"who": who, **CARD} for who in "abc"], on="2025-01-02")
    yield made
    made.store.close()


def pays(world: World, more: str = "", amount: int = 100) -> None:
    """Publish the rule of 100 a month with more terms."""
    world.rule(on="2025-01-03", amounts=amount, terms=TERMS.format(more=more))


def appropriate(world: World, yuan: int, *, purse: str = "全额", year: int = 2025) -> None:
    """Have two people set a budget."""
    decision = budgets.Decision(DecisionKind.SET, "care", year, purse, yuan * 100, "财预〔2025〕1号")
    with world.store.writing() as tx:
        made = budgets.propose(tx, decision, by="甲")
        budgets.confirm(tx, made.decision_id, by="乙")


def codes(report: NightReport) -> list[str]:
    """Return what a night says about money."""
    return [str(each).splitlines()[0] for each in report.findings if str(each.code).startswith("E69")]


def paid(world: World) -> str:
    """Return whose items are in a batch or further, by letter, sorted."""
    return "".join(
        who
        for who in "abcde"
        if any(state in {"in_batch", "instructed", "paid"} for states in world.states(who).values() for state in states)
    )


def yuan(world: World, year: int = 2025) -> dict[str, dict[str, int]]:
    """Return the accounts of each purse that hold something, in yuan; the books agree with their entries."""
    with world.store.reading() as rx:
        pots = read_pots(rx, year=year)
        assert verify_books(rx) == []
    names = ("budget", "reserved", "in_transit", "paid", "returned", "receivable", "written_off", "surrendered")
    return {pot.purse: {name: fen // 100 for name in names if (fen := getattr(pot, f"{name}_fen"))} for pot in pots}


def test_without_a_budget_everything_is_paid_and_accounted(world: World) -> None:
    """Nothing was declared, so nothing is short; the books say what was paid, and that no budget was set."""
    pays(world)

    report = world.night("2025-01-15", pays=True)

    assert codes(report) == []
    assert yuan(world) == {"全额": {"budget": -300, "paid": 300}}


def test_purses_pay_their_shares(world: World) -> None:
    """Sixty and forty of every hundred, from the freeze to the bank's word."""
    pays(world, PURSES)
    appropriate(world, 1000, purse="中央")

    world.night("2025-01-15")
    frozen = yuan(world)
    world.pay()

    assert frozen == {"中央": {"budget": 820, "reserved": 180}, "区级": {"budget": -120, "reserved": 120}}
    assert yuan(world) == {"中央": {"budget": 820, "paid": 180}, "区级": {"budget": -120, "paid": 120}}


def test_a_payment_order_names_the_purses(world: World) -> None:
    """What the treasury pays out of which account adds up to each payment; without purses nothing is said of it."""
    pays(world, PURSES)
    world.night("2025-01-15")

    with world.store.reading() as rx:
        (head,) = read_batches(rx)
        batch = read_batch(rx, head.batch_id)
    table = payout_table(batch, world.deployment.book("payouts").payees(batch.lines["subject_id"]))

    assert table.funding is not None
    by_purse = table.funding.group_by("funding_line", "account_code", maintain_order=True).agg(
        pl.col("amount_fen").sum()
    )
    assert by_purse.rows() == [("中央", "2081107", 180_00), ("区级", "", 120_00)]
    assert table.funding["reference"].n_unique() == batch.count


def test_at_the_end_of_the_pot_payments_wait_and_are_told(world: World) -> None:
    """Two of three fit; the third is listed, and paid by the first night on which banks work once there is money."""
    pays(world)
    appropriate(world, 250)

    report = world.night("2025-01-15")

    assert codes(report) == ["payouts of care: warning[E690]: 1 item of 100.00 yuan wait for money of `全额` for 2025"]
    assert len(paid(world)) == 2
    with world.store.reading() as rx:
        (waiting,) = read_waiting(rx)
    assert (waiting.count, waiting.amount_fen, waiting.since) == (1, 100_00, day("2025-01-15"))
    assert codes(world.night("2025-01-16")) == []  # nothing changed: nobody is told again
    appropriate(world, 300)
    assert codes(world.night("2025-01-18")) == []  # a Saturday
    assert len(paid(world)) == 2
    world.night("2025-01-20")
    assert paid(world) == "abc"
    with world.store.reading() as rx:
        assert [batch.pay_day for batch in read_batches(rx)] == [day("2025-01-15"), day("2025-01-20")]
        assert read_waiting(rx) == ()


def test_one_purse_that_is_short_is_enough(world: World) -> None:
    """Every line is paid by all purses, so the one with the least decides how far it goes."""
    pays(world, PURSES)
    appropriate(world, 1000, purse="中央")
    appropriate(world, 90, purse="区级")

    report = world.night("2025-01-15")

    assert codes(report) == ["payouts of care: warning[E690]: 1 item of 100.00 yuan wait for money of `区级` for 2025"]
    assert yuan(world) == {"中央": {"budget": 880, "reserved": 120}, "区级": {"budget": 10, "reserved": 80}}


def test_the_oldest_period_comes_first(world: World) -> None:
    """By default: who waited for January is paid before anybody's February."""
    pays(world)
    appropriate(world, 200)
    world.night("2025-01-15", pays=True)
    late = next(who for who in "abc" if who not in paid(world))
    appropriate(world, 400)

    world.deliver("cards", [{"who": who, **CARD} for who in "abc"], on="2025-02-01")
    world.night("2025-02-17", pays=True)

    assert world.states(late)["2025-01"] == ["paid"]
    assert sum(states == ["paid"] for who in "abc" for states in world.states(who).values()) == 4


def test_nobody_is_taken_on_while_somebody_waits(world: World) -> None:
    """`stop_new`: whoever was paid before comes before whoever was not, though their periods are older."""
    pays(world, ", pot: {at_end: stop_new}, arrears: {months: 1}")
    world.night("2025-01-15", pays=True)
    appropriate(world, 600)
    world.deliver("cards", [{"who": who, **CARD} for who in "abcd"], on="2025-02-03")

    world.night("2025-02-17", pays=True)

    assert [world.states(who).get("2025-02") for who in "abc"] == [["paid"]] * 3
    assert "paid" not in {state for states in world.states("d").values() for state in states}


def test_a_fact_says_who_comes_first(world: World) -> None:
    """The smallest number first, in the order of the rule: level 1 before level 3."""
    pays(world, ", pot: {order: [等级]}")
    cards = [{"who": who, **CARD, "等级": level} for who, level in (("a", "3"), ("b", "1"), ("c", "2"))]
    world.deliver("cards", cards, on="2025-01-04")
    appropriate(world, 200)

    world.night("2025-01-15")

    assert paid(world) == "bc"


def test_a_rule_that_pays_on(world: World) -> None:
    """Nobody waits; the night and the books say how far beyond it went."""
    pays(world, ", pot: {at_end: pay_on}")
    appropriate(world, 250)

    report = world.night("2025-01-15")

    assert codes(report) == ["payouts of care: warning[E691]: 50.00 yuan are paid beyond the budget of `全额` for 2025"]
    assert paid(world) == "abc"
    with world.store.reading() as rx:
        (pot,) = read_pots(rx)
    assert (pot.beyond_fen, pot.left_fen) == (50_00, 0)


def test_who_has_no_account_takes_no_money(world: World) -> None:
    """Their items stay open and are listed as before; the money is for those who can be paid."""
    pays(world)
    appropriate(world, 200)
    base = {"出生": "1970-01-01", "户籍": "310118", "起": "2000-01-01"}
    world.deliver(
        "register", [base | {"who": who} | ({"账号": "无"} if who == "a" else {}) for who in "abcde"], on="2025-01-04"
    )

    world.night("2025-01-15")

    assert paid(world) == "bc"


def returned(world: World, who: str) -> None:
    """Have the bank send back everything that was paid to somebody, and the paymaster let it be paid anew."""
    subject = world.subject(who)
    with world.store.writing() as tx:
        for batch in read_batches(tx):
            own = read_lines(tx, batch.batch_id).filter(
                (pl.col("subject_id") == subject) & (pl.col("attempt_state") == AttemptState.CONFIRMED_PAID)
            )
            if not own.is_empty():
                answer(tx, batch.batch_id, returned=own["item_id"].to_list())


def reopened(world: World, who: str) -> None:
    """Have the account corrected: what came back may be paid again."""
    with world.store.writing() as tx:
        items = read_items(tx, states=[ItemState.RETURNED]).filter(pl.col("subject_id") == world.subject(who))[
            "item_id"
        ]
        lines = pl.concat([read_lines(tx, each.batch_id, is_whole=True) for each in read_batches(tx)])
        reopen_items(tx, lines.filter(pl.col("item_id").is_in(items.implode()))["reference"])


def test_what_comes_back_is_paid_again_out_of_its_own_year(world: World) -> None:
    """A reissue in the new year draws on what came back of the old one, not on the new appropriation."""
    pays(world, PURSES)
    appropriate(world, 900, purse="中央")
    appropriate(world, 600, purse="区级")
    world.night("2025-12-15", pays=True)
    before = yuan(world)["中央"]["paid"]
    returned(world, "a")
    came_back = yuan(world)["中央"]["returned"]
    appropriate(world, 0, purse="中央", year=2026)
    appropriate(world, 0, purse="区级", year=2026)
    reopened(world, "a")

    world.night("2026-01-15", pays=True)

    assert came_back > 0
    assert yuan(world)["中央"]["paid"] == before
    assert yuan(world, 2026) == {"中央": {}, "区级": {}}


def test_what_comes_back_of_a_closed_year_is_paid_again_out_of_what_was_carried(world: World) -> None:
    """M11: the closed year keeps what it had paid; the new year pays out of what came back, not out of its budget."""
    pays(world, PURSES)
    world.night("2025-12-15", pays=True)
    closed_paid = yuan(world)["中央"]["paid"]
    world.clock.instant = civil_instant(day("2026-01-05"), 9)
    decision = budgets.Decision(DecisionKind.CLOSE, "care", 2025, budgets.EVERY_PURSE, None, "决算")
    with world.store.writing() as tx:
        made = budgets.propose(tx, decision, by="甲")
        budgets.confirm(tx, made.decision_id, by="乙")
    returned(world, "a")
    came_back = yuan(world, 2026)["中央"]["returned"]
    reopened(world, "a")

    world.night("2026-01-15", pays=True)

    assert yuan(world)["中央"]["paid"] == closed_paid
    (old, new) = (yuan(world, year)["中央"] for year in (2025, 2026))
    assert old["paid"] == closed_paid
    assert "returned" not in new
    assert new["paid"] == came_back - new["budget"]  # its own January besides


def test_an_overpayment_is_claimed_and_what_is_recovered_is_budget_again(world: World) -> None:
    """A death that is reported late: paid becomes receivable, out of the purses that paid."""
    pays(world, PURSES)
    appropriate(world, 900, purse="中央")
    world.night("2025-01-15", pays=True)
    world.deliver("deaths", [{"who": "a", "日期": "2024-12-20"}], on="2025-01-16")
    world.rule(
        version=2,
        on="2025-01-17",
        amounts=100,
        criteria="有证;not 死亡",
        example="{有证: true, 死亡: false}",
        terms=TERMS.format(more=PURSES),
    )
    world.night("2025-01-20")

    assert world.cases("a") == {"2025-01": 100}
    assert yuan(world) == {
        "中央": {"budget": 720, "paid": 120, "receivable": 60},
        "区级": {"budget": -120, "paid": 80, "receivable": 40},
    }


def test_an_account_under_many_waits_until_somebody_has_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three receive on one account; the first night after it was cleared pays them, and says nothing of it again."""
    monkeypatch.setenv("MIANSHEN_SUSPICIONS__HOLD", '["account"]')
    world = World.at(tmp_path / "held")
    base = {"出生": "1970-01-01", "户籍": "310118", "起": "2000-01-01"}
    world.deliver("register", [base | {"who": who, "账号": "622200009999"} for who in "abcde"], on="2025-01-01")
    world.deliver("cards", [{"who": who, **CARD} for who in "abc"], on="2025-01-02")
    pays(world)
    told = "payouts of care: warning[E692]: 3 payments: an account on which more than 2 receive; left open"

    assert codes(world.night("2025-01-15")) == [told]
    assert codes(world.night("2025-01-16")) == []
    with world.store.writing() as tx:
        (suspicion,) = read_suspicions(tx)
        clear_suspicion(tx, suspicion.suspicion_id, by="核查员", reason="敬老院代管账户")
    assert codes(world.night("2025-01-17")) == []

    assert (suspicion.item_count, paid(world)) == (3, "abc")
    world.store.close()


def test_an_approval_sheet_tells_what_is_suspected(world: World) -> None:
    """Whoever approves sees it beside the totals, until somebody has cleared it."""
    base = {"出生": "1970-01-01", "户籍": "310118", "起": "2000-01-01", "账号": "622200009999"}
    world.deliver("register", [base | {"who": who} for who in "abcde"], on="2025-01-04")
    pays(world)
    world.night("2025-01-15")

    with world.store.reading() as rx:
        (batch,) = read_batches(rx)
    before = sheet_of(world.deployment, batch.batch_id)
    with world.store.writing() as tx:
        clear_suspicion(tx, before.suspicions[0].suspicion_id, by="核查员", reason="敬老院代管账户")

    assert [each.kind for each in before.suspicions] == ["account"]
    assert sheet_of(world.deployment, batch.batch_id).suspicions == ()
