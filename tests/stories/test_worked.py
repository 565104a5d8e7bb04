"""Worked stories of patterns that no shipped policy needs: docs/patterns.md names them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from store.ledger import POSTINGS, LedgerChanges, write_ledger
from store.positions import read_positions
from tests.world import World
from tests.world_catalogue import attributes, resource

DAILY = "{period: month, counts: last_day, pay: {calendar: daily}}"

CURRENCY: dict[str, str] = {
    "subjects.yaml": """
kinds:
  - {code: person, label: 个人, number: citizen_id}
  - {code: currency, label: 币种, number: record_key}
  - {code: bill, label: 费用单, number: record_key, of: payer}
""",
    "relations.yaml": """
relations:
  - {code: payer, label: 付款人, subject: bill, other: person, resource: bills}
  - {code: bill_currency, label: 币种, subject: bill, other: currency, resource: bill_currencies}
""",
    "resources/bills.yaml": """
resource: bills
label: 费用单
owner: 商务
subject: bill
other: person
kind: event
refresh: irregular
fresh_days: 4000
drop_most_percent: 100
columns:
  - {name: 单号, type: record_key, role: subject}
  - {name: 付款人, type: citizen_id, role: other}
  - {name: 付款日, type: date, role: day}
  - {name: 外币金额, type: decimal, scale: 2}
""",
    "resources/bill_currencies.yaml": """
resource: bill_currencies
label: 费用单币种
owner: 商务
subject: bill
other: currency
kind: event
refresh: irregular
fresh_days: 4000
drop_most_percent: 100
columns:
  - {name: 单号, type: record_key, role: subject}
  - {name: 币种, type: record_key, role: other}
  - {name: 付款日, type: date, role: day}
""",
    "resources/rates.yaml": """
resource: rates
label: 汇率中间价
owner: 外汇
subject: currency
kind: spell
refresh: irregular
fresh_days: 400
drop_most_percent: 100
columns:
  - {name: 币种, type: record_key, role: subject}
  - {name: 中间价, type: decimal, scale: 4}
  - {name: 起, type: date, role: valid_from}
  - {name: 止, type: date, role: valid_through, optional: true}
""",
    "attributes/bill.yaml": """
attributes:
  - {code: paid_on, label: 付款日期, subject: bill, type: date, sensitivity: 2,
     sources: [{resource: bills, column: 付款日}], when_absent: unknown}
  - {code: foreign, label: 外币金额, subject: bill, type: decimal, scale: 2, sensitivity: 2,
     sources: [{resource: bills, column: 外币金额}], when_absent: unknown}
  - {code: currency_rate, label: 中间价, subject: currency, type: decimal, scale: 4, sensitivity: 1,
     sources: [{resource: rates, column: 中间价}], when_absent: unknown}
  - {code: rate, label: 付款日中间价, subject: bill, type: decimal, scale: 4, sensitivity: 1,
     via: {relation: bill_currency, attribute: currency_rate, pick: latest}, when_absent: unknown}
""",
}

HOUSEHOLDS: dict[str, str] = {
    "subjects.yaml": (
        "kinds:\n  - {code: person, label: 个人, number: citizen_id}\n"
        "  - {code: household, label: 户, number: household_no}\n"
    ),
    "relations.yaml": (
        "relations:\n  - {code: unit, label: 保障单元, subject: person, other: household, resource: members,\n"
        "     where: {方式: 整户}}\n"
    ),
    "resources/members.yaml": resource(
        "members", "户成员", "户号, type: household_no, role: other", "方式, type: text, values: [整户, 单人]",
        more="other: household\n",
    ),
}  # fmt: skip

TRADE_INS: dict[str, str] = {
    "subjects.yaml": """
kinds:
  - {code: person, label: 个人, number: citizen_id}
  - {code: purchase, label: 购车, number: record_key, of: buyer}
  - {code: scrapping, label: 报废, number: record_key, of: scrapper}
""",
    "relations.yaml": """
relations:
  - {code: buyer, label: 购车人, subject: purchase, other: person, resource: purchases}
  - {code: scrapper, label: 报废人, subject: scrapping, other: person, resource: scrappings}
  - {code: traded_in, label: 所换旧车, subject: purchase, other: scrapping, resource: trade_ins}
""",
    **{
        f"resources/{code}.yaml": f"""
resource: {code}
label: {label}
owner: 商务
subject: {subject}
other: {other}
kind: event
refresh: irregular
fresh_days: 4000
drop_most_percent: 100
columns:
  - {{name: 编号, type: record_key, role: subject}}
  - {{name: 对方, type: {number}, role: other}}
  - {{name: 日期, type: date, role: day}}
"""
        for code, label, subject, other, number in (
            ("purchases", "购车发票", "purchase", "person", "citizen_id"),
            ("scrappings", "报废证明", "scrapping", "person", "citizen_id"),
            ("trade_ins", "以旧换新对应", "purchase", "scrapping", "record_key"),
        )
    },
    "attributes/trade_ins.yaml": """
attributes:
  - {code: bought_on, label: 购车日期, subject: purchase, type: date, sensitivity: 2,
     sources: [{resource: purchases, column: 日期}], when_absent: unknown}
  - {code: is_scrapped, label: 已报废, subject: scrapping, type: bool, sensitivity: 2,
     sources: [{resource: scrappings, pick: any}], when_absent: false}
  - {code: old_is_scrapped, label: 旧车已报废, subject: purchase, type: bool, sensitivity: 2,
     via: {relation: traded_in, attribute: is_scrapped, pick: any}, when_absent: false}
""",
}

SPOUSES: dict[str, str] = {
    "relations.yaml": (
        "relations:\n  - {code: spouse, label: 配偶, subject: person, other: person, resource: marriages}\n"
    ),
    "resources/marriages.yaml": resource(
        "marriages", "婚姻登记", "配偶, type: citizen_id, role: other", more="other: person\n"
    ),
    "attributes/spouses.yaml": attributes(
        "code: qualifies, label: 本人合格, type: bool, outcome_of: qualified, when_absent: unknown",
        "code: spouse_qualifies, label: 配偶合格, type: bool, "
        "via: {relation: spouse, attribute: qualifies, pick: any}, when_absent: false",
    ),
}


SUMMED: dict[str, str] = {
    **HOUSEHOLDS,
    "relations.yaml": (
        "relations:\n  - {code: those_in, label: 成员, subject: household, other: person, resource: members, reverse: true}\n"
    ),
    "resources/incomes.yaml": resource("incomes", "月补差", "补差, type: money"),
    "attributes/sums.yaml": (
        attributes("code: gap, label: 补差, type: money, sources: [{resource: incomes, column: 补差}], when_absent: 0")
        + "  - {subject: household, sensitivity: 2, code: gaps, label: 户补差合计, type: money, when_absent: 0,\n"
        "     via: {relation: those_in, attribute: gap, pick: sum}}\n"
    ),
}


@pytest.fixture
def world_of(tmp_path: Path) -> Iterator[Callable[..., World]]:
    made: list[World] = []

    def of(more: dict[str, str] | None = None) -> World:
        made.append(World.at(tmp_path / "w", more))
        return made[-1]

    yield of
    for each in made:
        each.store.close()


def card(who: str, level: int | None = 3, since: str = "2020-01-01") -> dict[str, object]:
    """Return a card."""
    return {"who": who, "等级": level, "发证": since, "起": since, "止": "2029-12-31"}


@pytest.mark.parametrize(("partial", "first"), [("hold", []), ("pay", [150])])
def test_an_amount_that_is_still_open(world_of: Callable[..., World], partial: str, first: list[int]) -> None:
    """Met, with 150 for certain and 300 at most: it waits, or the certain part is paid; once known, the rest."""
    world = world_of()
    world.people("a")
    world.deliver("cards", [card("a", None)], on="2025-01-02")
    world.rule(amounts={"等级 == 1": 300, "": 150}, terms=DAILY.replace("}}", f"}}, partial: {partial}}}"))
    world.night("2025-01-31")
    waiting = world.items("a"), world.items("a", waiting=False)

    world.deliver("cards", [card("a", 1)], on="2025-02-02")
    world.night("2025-02-02")

    assert waiting == ({"2025-01": [150]}, {"2025-01": first} if first else {})
    assert sum(world.items("a", waiting=False)["2025-01"]) == 300


def test_an_unknown_component_leaves_the_others(world_of: Callable[..., World]) -> None:
    """The basic part is certain and paid; what hangs on the level waits by itself."""
    world = world_of()
    world.people("a")
    world.deliver("cards", [card("a", None)], on="2025-01-02")
    lines = "  - {amount: 100, component: 基本}\n  - {when: 等级 == 1, amount: 50, component: 加发}\n"
    lines += "  - {amount: 0, component: 加发}\n"
    world.rule(lines=lines, terms=DAILY, example="{有证: true, 等级: 1}")
    world.night("2025-01-31")
    before = world.items("a", waiting=False)

    world.deliver("cards", [card("a", 1)], on="2025-02-02")
    world.night("2025-02-02")

    assert before == {"2025-01": [100]}
    assert sorted(world.items("a", waiting=False)["2025-01"]) == [50, 100]


def test_foreign_currency_at_the_rate_of_its_day(world_of: Callable[..., World]) -> None:
    """1,000 in dollars at 7.2 and in euros at 7.9 of the day of payment, half of it; the later rate changes nothing."""
    world = world_of(CURRENCY)
    world.people("a")
    bills = [{"单号": name, "付款人": "@a", "付款日": "2025-03-10", "外币金额": "1000.00"} for name in ("B1", "B2")]
    world.deliver("bills", bills, on="2025-04-01")
    paid_in = [{"单号": name, "币种": of, "付款日": "2025-03-10"} for name, of in (("B1", "USD"), ("B2", "EUR"))]
    world.deliver("bill_currencies", paid_in, on="2025-04-01")
    rates = [
        {"币种": "USD", "中间价": "7.2000", "起": "2025-03-01", "止": "2025-03-31"},
        {"币种": "USD", "中间价": "7.5000", "起": "2025-04-01"},
        {"币种": "EUR", "中间价": "7.9000", "起": "2025-03-01"},
    ]
    world.deliver("rates", rates, on="2025-04-01")
    world.rule(
        subject="bill",
        criteria="外币金额 > 0",
        amounts="外币金额 * 付款日中间价 * 50%",
        example="{外币金额: 1, 付款日中间价: 7}",
        terms="{period: event, version_by: 付款日期, pay: {calendar: daily}}",
    )

    world.night("2025-04-02")

    assert sorted(world.items("a")["once"]) == [3600, 3950]


def test_the_unit_is_a_household_or_one_of_its_members(world_of: Callable[..., World]) -> None:
    """Two who are taken in as a household are paid once; the third of it, taken in alone, has a payment of their own."""
    world = world_of(HOUSEHOLDS)
    world.people("abc")
    ways = {"a": "整户", "b": "整户", "c": "单人"}
    world.deliver("members", [{"who": who, "户号": "H1", "方式": way, "起": "2020-01-01"} for who, way in ways.items()],
                  on="2025-01-01")  # fmt: skip
    world.deliver("cards", [card(who) for who in "abc"], on="2025-01-02")
    world.rule(
        amounts=600,
        terms="{period: year, pay: {calendar: daily}}",
        excludes="[{group: 取暖, mode: priority, priority: 1, span: period, per: unit}]",
    )

    world.night("2025-01-31")

    paid = {who: world.items(who) for who in "abc"}
    assert paid["c"] == {"2025": [600]}
    assert sorted((paid["a"], paid["b"]), key=len) == [{}, {"2025": [600]}]


def test_two_events_have_to_pair(world_of: Callable[..., World]) -> None:
    """A car is bought for one that is scrapped: nothing before the scrapping is known, and one car pays for one alone."""
    world = world_of(TRADE_INS)
    world.people("ab")
    bought = [{"编号": "P1", "对方": "@a", "日期": "2025-03-01"}, {"编号": "P2", "对方": "@b", "日期": "2025-03-02"}]
    world.deliver("purchases", bought, on="2025-03-05")
    pairs = [{"编号": name, "对方": "S1", "日期": "2025-03-01"} for name in ("P1", "P2")]
    world.deliver("trade_ins", pairs, on="2025-03-05")
    world.deliver("scrappings", [{"编号": "S9", "对方": "@b", "日期": "2025-01-01"}], on="2025-03-05")
    world.rule(
        subject="purchase",
        criteria="旧车已报废",
        amounts=15000,
        example="{旧车已报废: true}",
        terms="{period: event, version_by: 购车日期, facts: latest, pay: {calendar: daily}}",
        excludes="[{group: 换新, mode: priority, priority: 1, span: lifetime, per: traded_in}]",
    )
    world.night("2025-03-06")
    before = [world.items(who) for who in "ab"]

    scrapped = [{"编号": "S9", "对方": "@b", "日期": "2025-01-01"}, {"编号": "S1", "对方": "@a", "日期": "2025-03-20"}]
    world.deliver("scrappings", scrapped, on="2025-03-21")
    world.night("2025-03-21")

    assert before == [{}, {}]
    assert sorted([world.items(who) for who in "ab"], key=len) == [{}, {"once": [15000]}]


def test_an_outcome_that_depends_on_that_of_a_relative(world_of: Callable[..., World]) -> None:
    """Who qualifies, and whose spouse qualifies too, has more: what both are asked is a policy that pays nothing by itself."""
    world = world_of(SPOUSES)
    world.people("abc")
    world.deliver("cards", [card("a"), card("b")], on="2025-01-02")
    married = [{"who": one, "配偶": f"@{other}", "起": "2020-01-01"} for one, other in ("ab", "ba", "ca")]
    world.deliver("marriages", married, on="2025-01-02")
    world.rule(policy="qualified", benefit="service", terms=DAILY)
    world.rule(
        criteria="本人合格",
        amounts={"配偶合格": 200, "": 120},
        example="{本人合格: true, 配偶合格: false}",
        terms=DAILY,
    )

    world.night("2025-01-31")

    assert [world.items(who) for who in "abc"] == [{"2025-01": [200]}, {"2025-01": [200]}, {}]


@pytest.mark.parametrize(
    ("subject", "amounts", "example", "fen"),
    [
        pytest.param("household", "户补差合计", "{户补差合计: 100.5}", [20100], id="on-the-sum"),
        pytest.param("person", "补差", "{补差: 100.5}", [10000, 10000], id="per-person"),
    ],
)
def test_rounding_per_person_or_on_the_sum(
    world_of: Callable[..., World], subject: str, amounts: str, example: str, fen: list[int]
) -> None:
    """Two gaps of 100.50, rounded down to the yuan: 201 for the household, or 100 for each of them."""
    world = world_of(SUMMED)
    world.people("ab")
    world.deliver("members", [{"who": who, "户号": "H1", "方式": "整户", "起": "2020-01-01"} for who in "ab"],
                  on="2025-01-02")  # fmt: skip
    world.deliver("incomes", [{"who": who, "补差": "100.50", "起": "2025-01-01"} for who in "ab"], on="2025-01-02")
    world.rule(
        subject=subject,
        criteria=f"{amounts} > 0",
        amounts=amounts,
        example=example,
        terms=DAILY.replace("}}", "}, rounding: down, round_to: 1}"),
    )

    world.night("2025-01-31")

    with world.store.reading() as rx:
        positions = read_positions(rx, policy="care")
    assert positions["held_fen"].to_list() == fen


def test_recovery_restores_what_a_ceiling_has(world_of: Callable[..., World]) -> None:
    """500 for life: five months are paid, one is corrected away and recovered; a later month has its 100 then, and no more."""
    world = world_of()
    world.people("a", on="2025-08-01")
    through_may = {"止": "2025-05-31"}
    world.deliver("cards", [card("a") | through_may], on="2025-08-01")
    world.rule(amounts=100, terms=DAILY, caps="[{pool: 终身, amount: 500}]", stands_from="2025-01-01")
    world.night("2025-06-30", pays=True)
    world.night("2025-07-01", pays=True)
    full = list(world.items("a"))

    without_january = [card("a") | {"止": "2025-01-30"}, card("a") | {"起": "2025-02-01"} | through_may]
    world.deliver("cards", without_january, on="2025-08-02")
    world.night("2025-08-02")
    claimed = world.cases("a")
    recover(world)
    world.deliver("cards", [without_january[0], card("a") | {"起": "2025-02-01"}], on="2025-08-03")
    world.night("2025-08-31")

    assert full == [f"2025-{month:02}" for month in range(1, 6)]
    assert claimed == {"2025-01": 100}
    assert world.cases("a") == {}
    assert list(world.items("a")) == [f"2025-{month:02}" for month in range(1, 7)]


def recover(world: World) -> None:
    """Get back what the one open case claims."""
    with world.store.writing() as tx:
        case = read_positions(tx, policy="care").filter(pl.col("case_open_fen") > 0)
        (key,), (fen,) = case["obligation_id"], case["case_open_fen"]
        moves = [(key, "recovered", 0, fen, "person"), (key, "case", fen, 0, "person")]
        postings = pl.DataFrame(moves, schema=POSTINGS, orient="row")
        write_ledger(tx, LedgerChanges(postings=postings, seen=case.select("obligation_id", "version")), run_id=None)


@pytest.mark.parametrize("benefit", ["tax_credit", "waiver", "reduction"])
def test_what_is_not_paid_is_recorded_and_accounted(world_of: Callable[..., World], benefit: str) -> None:
    """A credit, a waiver, a cut of rent: a grant and what it is worth, and no item."""
    world = world_of()
    world.people("a")
    world.deliver("cards", [card("a")], on="2025-01-02")
    world.rule(benefit=benefit, terms=DAILY)

    world.night("2025-01-31")

    accounted = pl.read_parquet(world.root / "runs" / "2025-01-31" / "accounted.parquet")
    assert accounted.select("benefit", "period", "at_least_fen").rows() == [(benefit, "2025-01", 15_000)]
    assert world.items("a") == {}
