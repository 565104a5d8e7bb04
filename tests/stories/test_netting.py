"""Groups, ceilings and money that counts as paid, from delivered files through nights to items and cases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import World
from tests.world_catalogue import attributes, resource

MORE: dict[str, str] = {
    "subjects.yaml": (
        "kinds:\n  - {code: person, label: 个人, number: citizen_id}\n"
        "  - {code: household, label: 户, number: household_no}\n"
    ),
    "relations.yaml": (
        "relations:\n  - {code: household, label: 所在户, subject: person, other: household, resource: members}\n"
    ),
    "resources/members.yaml": resource(
        "members", "户成员", "户号, type: household_no, role: other", more="other: household\n"
    ),
    "resources/elsewhere.yaml": resource("elsewhere", "区县已发", "金额, type: money, optional: true"),
    "attributes/netting.yaml": attributes(
        "code: paid_elsewhere, label: 区县已发, type: money, "
        "sources: [{resource: elsewhere, column: 金额, pick: sum}], when_absent: 0"
    ),
}

MONTHLY = "{period: month, pay: {calendar: daily}}"
ONCE = "{period: once, pay: {calendar: daily}}"
YEARLY = "{period: year, pay: {calendar: daily}}"
TOGETHER = "[{group: 津贴, mode: highest, span: period}]"
FOR_LIFE = "[{group: 津贴, mode: highest, span: lifetime}]"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w", MORE)
    yield made
    made.store.close()


def card(who: str, level: int = 3, since: str = "2020-01-01", through: str = "2029-12-31") -> dict[str, object]:
    """Return a card."""
    return {"who": who, "等级": level, "发证": since, "起": since, "止": through}


def cards(world: World, *rows: dict[str, object], on: str) -> None:
    """Deliver cards; somebody else has one too, so that the list is never empty."""
    world.deliver("cards", [card("z", 9), *rows], on=on)


def listed(world: World, who: str, on: str) -> None:
    """Deliver the list of those in need."""
    world.deliver("dibao", [{"who": each} for each in f"z{who}"], on=on, speaks_for=on)


def two(world: World, excludes: str, terms: str = MONTHLY, amounts: tuple[int, int] = (180, 300)) -> None:
    """Publish two benefits: `low` for those with a card, `high` for those on the list."""
    low, high = amounts
    world.rule(policy="low", amounts=low, excludes=excludes.replace("PLACE", "2"), terms=terms)
    world.rule(
        policy="high",
        criteria="低保",
        example="{低保: true}",
        amounts=high,
        excludes=excludes.replace("PLACE", "1"),
        terms=terms,
    )


def both(world: World, who: str = "a") -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Return somebody's items under both benefits."""
    return world.items(who, policy="low"), world.items(who, policy="high")


def high_found_for_march(world: World) -> None:
    """180 of March is paid; then the list of March has the subject too."""
    world.people("a", on="2025-03-01")
    cards(world, card("a"), on="2025-03-01")
    listed(world, "", on="2025-03-01")
    two(world, TOGETHER, terms="{period: month, counts: last_day, pay: {calendar: daily}}")
    world.night("2025-03-31", pays=True)
    world.night("2025-04-01", pays=True)
    world.deliver("dibao", [{"who": "a"}], on="2025-04-02", speaks_for="2025-03-31")


def test_the_higher_is_corrected_away_before_payment(world: World) -> None:
    """180 paid, 300 found, then corrected away: the 120 is cancelled, no case."""
    high_found_for_march(world)
    world.night("2025-04-02")
    found = both(world)

    world.deliver("dibao", [{"who": "z"}], on="2025-04-03", speaks_for="2025-03-31")
    world.night("2025-04-03")

    assert (found[0]["2025-03"], found[1]["2025-03"]) == ([180], [120])
    assert both(world)[0]["2025-03"] == [180]
    assert "2025-03" not in both(world)[1]
    assert world.cases("a", policy="low") == world.cases("a", policy="high") == {}


def test_the_higher_is_corrected_away_after_payment(world: World) -> None:
    """180 paid, 120 more paid on the other, then corrected away: a case of 120 on the other, 180 untouched."""
    high_found_for_march(world)
    world.night("2025-04-02", pays=True)

    world.deliver("dibao", [{"who": "z"}], on="2025-04-03", speaks_for="2025-03-31")
    world.night("2025-04-03")

    assert world.cases("a", policy="high") == {"2025-03": 120}
    assert world.cases("a", policy="low") == {}
    assert both(world)[0]["2025-03"] == [180]


def test_what_was_paid_turns_unknown(world: World) -> None:
    """180 paid, its list turns stale, and the lower 150 is met: nothing happens."""
    world.people("a")
    cards(world, card("a"), on="2025-01-01")
    listed(world, "a", on="2025-01-05")
    two(world, TOGETHER, terms="{period: month, counts: last_day, pay: {calendar: daily}}", amounts=(150, 180))
    world.night("2025-01-31", pays=True)
    world.night("2025-02-01", pays=True)
    before = both(world)

    world.deliver("dibao", [{"who": "z"}], on="2025-02-10", speaks_for="2024-11-01")
    world.night("2025-03-31")

    assert before == ({}, {"2025-01": [180]})
    assert both(world)[1] == {"2025-01": [180]}
    assert "2025-02" not in both(world)[1]
    assert both(world)[0] == {"2025-02": [150], "2025-03": [150]}
    assert world.cases("a", policy="high") == world.cases("a", policy="low") == {}


def test_topped_up_over_a_lifetime(world: World) -> None:
    """100 once, then 300 once of the same group: 200 more on the second; corrected away after payment: its case."""
    world.people("a")
    cards(world, card("a"), on="2025-01-01")
    listed(world, "", on="2025-01-01")
    two(world, FOR_LIFE, ONCE, (100, 300))
    world.night("2025-03-03", pays=True)
    world.night("2025-03-04", pays=True)
    listed(world, "a", on="2025-03-05")
    world.night("2025-03-05", pays=True)
    world.night("2025-03-06", pays=True)
    topped_up = both(world)

    world.deliver("dibao", [{"who": "y"}], on="2025-03-07", speaks_for="2025-03-05")
    world.night("2025-03-07")

    assert topped_up == ({"once": [100]}, {"once": [200]})
    assert world.cases("a", policy="high") == {"once": 200}
    assert world.cases("a", policy="low") == {}


def test_the_first_in_the_declared_order_is_paid(world: World) -> None:
    """Priority goes by its number, not by amount or name."""
    group = "[{group: 津贴, mode: priority, priority: PLACE, span: period}]"
    world.people("ab")
    cards(world, card("a"), card("b"), on="2025-01-01")
    listed(world, "a", on="2025-01-01")
    two(world, group, amounts=(300, 180))

    world.night("2025-01-31")

    assert both(world, "a") == ({}, {"2025-01": [180]})
    assert both(world, "b") == ({"2025-01": [300]}, {})


def test_at_most_two_of_three(world: World) -> None:
    """The two highest are paid beside each other."""
    group = "[{group: 津贴, mode: at_most, at_most: 2, span: period}]"
    world.people("a")
    cards(world, card("a"), on="2025-01-01")
    listed(world, "a", on="2025-01-01")
    two(world, group)
    world.rule(policy="middle", amounts=200, excludes=group, terms=MONTHLY)

    world.night("2025-01-31")

    assert both(world) == ({}, {"2025-01": [300]})
    assert world.items("a", policy="middle") == {"2025-01": [200]}


def member(who: str, household: str, since: str = "2020-01-01", through: str | None = None) -> dict[str, object]:
    """Return a household's member."""
    return {"who": who, "户号": household, "起": since, "止": through}


HEATING = "[{group: 取暖, mode: priority, priority: PLACE, span: period, per: household}]"


def test_a_household_is_paid_once(world: World) -> None:
    """Two members, two identities: one payment, by the declared order; others are not touched (C09)."""
    world.people("abc")
    world.deliver("members", [member("a", "H1"), member("b", "H1"), member("c", "H2")], on="2025-01-01")
    cards(world, card("a"), card("c"), on="2025-01-01")
    listed(world, "b", on="2025-01-01")
    two(world, HEATING, YEARLY, (600, 500))

    world.night("2025-01-31")

    assert both(world, "a") == ({}, {})
    assert both(world, "b") == ({}, {"2025": [500]})
    assert both(world, "c") == ({"2025": [600]}, {})


def test_a_household_is_paid_once_ahead(world: World) -> None:
    """Paid by the quarter in advance: the coming months, too, are paid to one of the two members."""
    group = "[{group: 津贴, mode: highest, span: period, per: household}]"
    ahead = "{period: month, pay: {calendar: quarterly, day: 15, advance: true}}"
    world.people("ab")
    world.deliver("members", [member("a", "H1"), member("b", "H1")], on="2025-01-01")
    cards(world, card("a"), card("b"), on="2025-01-01")
    world.rule(excludes=group, terms=ahead)

    world.night("2025-01-15")

    months = [*world.items("a"), *world.items("b")]
    assert sorted(months) == ["2025-01", "2025-02", "2025-03"]


def test_a_household_is_known_by_its_members(world: World) -> None:
    """A new number for the same people pays nothing a second time, and the incumbent keeps it."""
    world.people("ab")
    world.deliver("members", [member("a", "H1"), member("b", "H1")], on="2025-01-01")
    cards(world, card("b"), on="2025-01-01")
    world.rule(policy="low", excludes=HEATING.replace("PLACE", "1"), terms=YEARLY, amounts=600)
    world.night("2025-01-31", pays=True)
    world.night("2025-02-01", pays=True)

    cards(world, card("a"), card("b"), on="2025-03-01")
    moved = [member(who, "H1", through="2025-03-01") for who in "ab"]
    world.deliver("members", [*moved, *(member(who, "H9", "2025-03-02") for who in "ab")], on="2025-03-02")
    world.night("2025-03-31")

    assert world.items("b", policy="low") == {"2025": [600]}
    assert world.items("a", policy="low") == {}
    assert world.cases("b", policy="low") == {}


def test_a_household_that_nobody_knows_waits(world: World) -> None:
    """Before the register of households has come, nothing is certain of a benefit that each has once."""
    world.people("ab")
    cards(world, card("a"), card("b"), on="2025-01-01")
    world.rule(policy="low", excludes=HEATING.replace("PLACE", "1"), terms=YEARLY, amounts=600)
    world.night("2025-01-31")
    before = world.items("a", policy="low"), world.items("b", policy="low")

    world.deliver("members", [member("a", "H1")], on="2025-02-01")
    world.night("2025-02-01")

    assert before == ({}, {})
    assert world.items("a", policy="low") == world.items("b", policy="low") == {"2025": [600]}


KIN: dict[str, str] = {
    "relations.yaml": (
        "relations:\n  - {code: mother, label: 母亲, subject: person, other: person, resource: mothers}\n"
        "  - {code: born, label: 所生, subject: person, other: person, resource: births, reverse: true}\n"
        "  - {code: kin, label: 同母子女, subject: person, other: person, steps: [mother, born]}\n"
    ),
    **{
        f"resources/{code}.yaml": MORE["resources/members.yaml"]
        .replace("resource: members", f"resource: {code}")
        .replace("户成员", code)
        .replace("other: household", "other: person")
        .replace("户号, type: household_no", "户号, type: citizen_id")
        for code in ("mothers", "births")
    },
}


def test_a_step_that_nobody_knows_leaves_nothing_certain(tmp_path: Path) -> None:
    """Once for all children of a mother: while her children are not known, none is paid; then one is."""
    world = World.at(tmp_path / "w", KIN)
    once = "[{group: 一家, mode: priority, priority: 1, span: period, per: kin}]"
    mothers = [member("a", "@m"), member("b", "@m")]
    world.people("abm")
    world.deliver("mothers", mothers, on="2025-01-01")
    cards(world, card("a"), card("b"), on="2025-01-01")
    world.rule(policy="low", excludes=once, terms=YEARLY, amounts=600)
    world.night("2025-01-31")
    before = [world.items(who, policy="low") for who in "ab"]

    world.deliver("births", mothers, on="2025-02-01")
    world.night("2025-02-01")
    after = [world.items(who, policy="low") for who in "ab"]
    world.store.close()

    assert before == [{}, {}]
    assert sorted(after, key=len) == [{}, {"2025": [600]}]


def paid_elsewhere(world: World, amount: int | None, on: str = "2025-01-01") -> None:
    """Deliver what the county has paid."""
    rows: list[dict[str, object]] = [{"who": "z", "起": "2020-01-01"}]
    if amount is not None:
        rows.append({"who": "a", "金额": amount, "起": "2020-01-01"})
    world.deliver("elsewhere", rows, on=on)


def test_what_the_county_paid_counts(world: World) -> None:
    """600 a year, 400 paid by the county before: 200 (C09); more known to be paid later: a case for the rest."""
    terms = "{period: year, pay: {calendar: daily}, counts_as_paid: {amount: 区县已发}}"
    world.people("a")
    cards(world, card("a"), on="2025-01-01")
    paid_elsewhere(world, 400)
    world.rule(amounts=600, terms=terms)
    world.night("2025-01-31", pays=True)
    world.night("2025-02-01", pays=True)
    first = world.items("a")

    paid_elsewhere(world, 450, on="2025-02-02")
    world.night("2025-02-02")

    assert first == {"2025": [200]}
    assert world.cases("a") == {"2025": 50}


def test_what_may_have_been_paid_is_not_certain(world: World) -> None:
    """Nobody knows what the county paid: nothing is paid, and nothing claimed back."""
    terms = "{period: year, pay: {calendar: daily}, counts_as_paid: {amount: 区县已发}}"
    world.people("a")
    cards(world, card("a"), on="2025-01-01")
    world.rule(amounts=600, terms=terms)

    world.night("2025-01-31")

    assert world.items("a") == {}


def test_an_earlier_payment_is_used_up_over_the_years(world: World) -> None:
    """3,600 a year; 5,000 paid before: nothing, then 2,200, then 3,600 (C11)."""
    terms = "{period: year, pay: {calendar: daily}, counts_as_paid: {amount: 区县已发, span: lifetime}}"
    world.people("a")
    cards(world, card("a"), on="2025-01-01")
    paid_elsewhere(world, 5000)
    world.rule(amounts=3600, terms=terms)

    world.night("2025-06-30")
    for year in ("2026", "2027"):
        world.people("a", on=f"{year}-06-01")
        cards(world, card("a"), on=f"{year}-06-01")
        paid_elsewhere(world, 5000, on=f"{year}-06-01")
        world.night(f"{year}-06-30")

    assert world.items("a") == {"2026": [2200], "2027": [3600]}


def test_a_yearly_ceiling_ends_in_the_month_that_reaches_it(world: World) -> None:
    """100 a month, 250 a year: 100, 100, 50, nothing; the next year begins anew."""
    world.people("a", on="2025-10-01")
    cards(world, card("a"), on="2025-10-01")
    world.rule(amounts=100, terms=MONTHLY, caps="[{pool: 全年, amount: 250, span: year}]", stands_from="2025-08-01")

    for date in ("2025-10-31", "2025-11-30", "2025-12-31", "2026-01-31"):
        world.night(date, pays=True)

    assert world.items("a") == {"2025-08": [100], "2025-09": [100], "2025-10": [50], "2026-01": [100]}


CEILING = "[{pool: 贴息, amount: 10000}]"
OF_LEVEL = {"等级 == 1": 6000, "等级 == 2": 8000}


def test_an_earlier_one_found_late_under_a_ceiling(world: World) -> None:
    """10,000 for life: 8,000 of September paid, then 6,000 of June found: 2,000 more, no case."""
    september = card("a", 2, since="2025-09-01", through="2025-09-30")
    world.people("a")
    cards(world, september, on="2025-09-01")
    world.rule(criteria="等级 in [1, 2]", example="{等级: 1}", amounts=OF_LEVEL, terms=MONTHLY, caps=CEILING)
    world.night("2025-09-30", pays=True)
    world.night("2025-10-01", pays=True)
    first = world.items("a")

    june = card("a", 1, since="2025-06-01", through="2025-06-30")
    cards(world, june, september, on="2025-10-10")
    world.night("2025-10-10", pays=True)
    world.night("2025-10-11", pays=True)
    second = world.items("a")
    cards(world, june, on="2025-10-20")
    world.night("2025-10-20")

    assert first == {"2025-09": [8000]}
    assert second == {"2025-06": [2000], "2025-09": [8000]}
    assert world.cases("a") == {"2025-09": 4000}


def test_a_ceiling_is_released_by_a_cancellation(world: World) -> None:
    """Two benefits share 10,000; the earlier one is withdrawn before payment: it keeps nothing, the other has its own."""
    world.people("a")
    cards(world, card("a", 1), on="2025-01-01")
    listed(world, "a", on="2025-01-01")
    for policy, criteria, example in (("first", "有证", "{有证: true}"), ("second", "低保", "{低保: true}")):
        world.rule(policy=policy, criteria=criteria, example=example, amounts=7000, terms=ONCE, caps=CEILING)
    world.night("2025-01-01")
    shared = world.items("a", policy="first"), world.items("a", policy="second")

    cards(world, on="2025-01-02")
    world.night("2025-01-02")

    assert shared == ({"once": [7000]}, {"once": [3000]})
    assert world.items("a", policy="first") == {}
    assert sorted(world.items("a", policy="second")["once"]) == [3000, 4000]
    before = world.states("a", policy="first"), world.states("a", policy="second")
    world.night("2025-01-03")
    assert (world.states("a", policy="first"), world.states("a", policy="second")) == before


def test_what_a_group_leaves_is_what_a_ceiling_counts(world: World) -> None:
    """The higher of two is paid every month until both together have had 500."""
    world.people("a", on="2025-03-01")
    cards(world, card("a"), on="2025-03-01")
    world.deliver("dibao", [{"who": "a"}], on="2025-03-01", speaks_for="2025-01-01")
    for policy, criteria, example, amount in (
        ("low", "有证", "{有证: true}", 180),
        ("high", "低保", "{低保: true}", 300),
    ):
        world.rule(
            policy=policy,
            criteria=criteria,
            example=example,
            amounts=amount,
            terms=MONTHLY,
            excludes=TOGETHER,
            caps="[{pool: 全年, amount: 500, span: year}]",
        )

    listed(world, "a", on="2025-02-20")
    world.night("2025-03-20")

    assert both(world) == ({}, {"2025-01": [300], "2025-02": [200]})


def test_a_grant_pays_for_its_months_alone(world: World) -> None:
    """Three months with money: a gap does not count, and a month corrected away is free again (P17)."""
    terms = "{period: month, counts: last_day, pay: {calendar: daily}, duration: {months: 3, counts: paid}}"
    later = card("a", since="2025-03-15")
    world.people("a", on="2025-07-01")
    cards(world, card("a", through="2025-01-31"), later, on="2025-07-01")
    world.rule(terms=terms, amounts=100)
    world.night("2025-07-31", pays=True)
    world.night("2025-08-01", pays=True)
    first = world.items("a")

    cards(world, card("a", through="2025-01-30"), later, on="2025-08-05")
    world.night("2025-08-05")

    assert first == {"2025-01": [100], "2025-03": [100], "2025-04": [100]}
    assert world.cases("a") == {"2025-01": 100}
    assert world.items("a")["2025-05"] == [100]


def test_instalments_follow_the_status(world: World) -> None:
    """15 in the first year, 10 in the second if the status still holds (P14): held by one, lost by the other."""
    terms = "{period: year, counts: last_day, pay: {calendar: daily}}"
    world.people("ab", on="2025-12-31")
    lasting = [card("a"), card("b", through="2026-06-30")]
    cards(world, *lasting, on="2025-12-31")
    world.rule(
        criteria="有证",
        lines="  - {amount: 15, component: 首期, instalment: 1}\n  - {amount: 10, component: 二期, instalment: 2}\n",
        terms=terms,
    )
    for year in ("2025", "2026", "2027"):
        world.people("ab", on=f"{year}-12-31")
        cards(world, *lasting, on=f"{year}-12-31")
        world.night(f"{year}-12-31", pays=True)

    assert world.items("a") == {"2025": [15], "2026": [10]}
    assert world.items("b") == {"2025": [15]}
