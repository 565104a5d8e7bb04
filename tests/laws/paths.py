"""Random lives for the law of paths; few subjects and few days, so that corrections, gaps and ties are common."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from core.ledger import ActKind
from tests.laws.lives import LAST, LATER_NUMBER, MONEY, PEOPLE, Learned, Plan, Policy, day_of

OFFSETS = st.integers(0, LAST)

CRITERIA: Sequence[tuple[str, str, Mapping[str, int] | int]] = (
    ("有证", "{有证: true, 等级: 1}", {"等级 <= 1": 300, "等级 >= 2": 150}),
    ("等级 in [1, 2]; not 死亡", "{等级: 1, 死亡: false}", {"等级 == 1": 300, "等级 == 2": 180}),
    ("低保; not 死亡", "{低保: true, 死亡: false}", 800),
    ("居住; 有证 or 低保", "{居住: true, 有证: true, 低保: false}", 70),
    ("full_years_by_month(出生) >= 60; not 死亡", "{出生: 1950-01-01, 死亡: false}", 200),
    ("居住", "{居住: true}", 90),
)


@st.composite
def policies(draw: st.DrawFn, code: str) -> Policy:
    """Give a policy."""
    criteria, example, amounts = draw(st.sampled_from(CRITERIA))
    period = draw(st.sampled_from(["month", "month", "month", "quarter", "once"]))
    counts = draw(st.sampled_from(["any_day", "first_day", "last_day"]))
    arrears = draw(st.sampled_from([None, 0, 1, 3]))
    causes = draw(st.sampled_from(["", "", ", causes: {hold: unlimited, rule: 0}", ", causes: {delivery: 6, hold: 2}"]))
    grace = draw(st.integers(0, 2))
    ahead = [] if period == "once" else ["{calendar: quarterly, day: 10, advance: true}"]
    late = [
        "{calendar: monthly, day: 15}",
        "{calendar: daily}",
        "{calendar: quarterly, day: 20, month: 3, first: monthly}",
    ]
    pay = draw(st.sampled_from([*late, *ahead]))
    overpaid, partial = draw(st.sampled_from(["case", "case", "keep"])), draw(st.sampled_from(["hold", "pay"]))
    others = ", ".join(sorted({"p1", "p2", "p3"} - {code}))
    offsets = ["", "offset: {share: 1/2}, ", f"offset: {{share: 1, from: [{others}]}}, "]
    offset = draw(st.sampled_from(offsets)) if overpaid == "case" else ""
    terms = (
        f"{{period: {period}, counts: {counts}, grace: {{periods: {grace}}}, pay: {pay}, overpaid: {overpaid}, {offset}"
    )
    terms += f"partial: {partial}" + (f", arrears: {{months: {arrears}{causes}}}}}" if arrears is not None else "}")
    return Policy(criteria, example, amounts, terms, "[]", None, "period", arrears is not None)


@st.composite
def grouped(draw: st.DrawFn) -> dict[str, Policy]:
    """Give three policies, sometimes two of them in an exclusion group, and sometimes two or three under a ceiling."""
    found = {code: draw(policies(code)) for code in ("p1", "p2", "p3")}
    mode = draw(st.sampled_from([None, "highest", "priority", "at_most, at_most: 1"]))
    if mode is not None:
        span = draw(st.sampled_from(["period", "year", "lifetime"]))
        for place, code in enumerate(("p1", "p2"), start=1):
            ranked = f", priority: {place}" if mode == "priority" else ""
            excludes = f"[{{group: 津贴, mode: {mode}, span: {span}{ranked}}}]"
            found[code] = replace(found[code], excludes=excludes, group="津贴", span=span)
    pool = draw(st.sampled_from([(), (), ("p3",), ("p2", "p3"), ("p1", "p2", "p3")]))
    if pool:
        span = draw(st.sampled_from(["period", "year", "lifetime"]))
        caps = f"[{{pool: 共用, amount: {draw(st.sampled_from([100, 250, 1000]))}, span: {span}}}]"
        for code in pool:
            found[code] = replace(found[code], caps=caps, pool_span=span)
    return found


SPELLS = st.tuples(st.integers(-60, 80), st.sampled_from([120, 60, 40, 15, 2])).map(
    lambda each: {"起": day_of(each[0]), "止": day_of(each[0] + each[1])}
)


@st.composite
def rows(draw: st.DrawFn, resource: str, people: str, offset: int) -> list[dict[str, Any]]:
    """Give the rows of a delivery that speaks for a day."""
    match resource:
        case "register":
            whole = {"出生": "1965-05-20", "户籍": "310118", "起": "2000-01-01"}
            return [whole | {"who": who, "出生": draw(st.sampled_from(BIRTHS))} for who in people]
        case "cards":
            listed = draw(st.lists(st.sampled_from(people), min_size=2, max_size=5))
            levels = st.sampled_from([1, 1, 2, 3, None])
            cards = [{"who": who, "等级": draw(levels), "发证": "2024-01-01", **draw(SPELLS)} for who in listed]
            return list({(card["who"], card["起"]): card for card in cards}.values())
        case "deaths":
            listed = draw(st.lists(st.sampled_from(people), max_size=1))
            return [{"who": who, "日期": day_of(draw(st.integers(-90, offset)))} for who in listed]
        case "dibao":
            return [
                {"who": who} for who in draw(st.lists(st.sampled_from(people), min_size=1, max_size=4, unique=True))
            ]
        case _:
            keys = draw(st.lists(st.sampled_from([who + number for who in people for number in "12"]), max_size=3))
            operations = st.sampled_from(["新增", "新增", "变更", "撤销"])
            return [{"who": key[0], "编号": key, "操作": draw(operations), **draw(SPELLS)} for key in sorted(set(keys))]


BIRTHS = ["1965-03-01", "1965-05-20", "1965-06-19", "1970-01-01"]


@st.composite
def deliveries(draw: st.DrawFn) -> list[Learned]:
    """Give deliveries: everything once in the beginning, then news, late news and corrections in any order.

    Sometimes a number is corrected, sooner or later after the departments begin to use the new one.
    """
    found = []
    renumbered, corrected = draw(st.sampled_from([(LAST + 1, None), (LAST + 1, None), (50, 45), (50, 50), (50, 80)]))
    for resource, times in (("register", 2), ("cards", 3), ("deaths", 2), ("dibao", 4), ("stays", 3)):
        for number in range(times):
            offset = draw(OFFSETS) if number else draw(st.integers(-40, -20))
            late = draw(st.sampled_from([0, 0, 3, 40])) if number else 0
            people = PEOPLE if offset < renumbered else PEOPLE.replace("a", LATER_NUMBER)
            arguments = {
                "resource": resource,
                "rows": draw(rows(resource, people, offset - late)),
                "speaks_for": day_of(offset - late),
            }
            found.append(Learned(offset, "deliver", arguments))
    if corrected is not None:
        row = {"who": LATER_NUMBER, "former": "a", "编号": "1", "操作": "新增", "日期": day_of(corrected)}
        found.append(Learned(corrected, "deliver", {"resource": "corrections", "rows": [row]}))
    return found


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Give a plan."""
    declared = draw(grouped())
    learned = draw(deliveries())
    for code, policy in declared.items():
        begun = -30 if code == "p1" else draw(st.sampled_from([-30, -30, -30, 10, 60]))  # no night without a policy
        learned.append(policy.published(begun, code))
        change = draw(st.sampled_from(["none", "none", "raise", "raise", "repeal"]))
        offset, since = draw(st.integers(61, LAST)), draw(OFFSETS)
        if change == "raise":
            learned.append(policy.published(offset, code, version=2, more=30, stands_from=since))
        if change == "repeal":
            learned.append(Learned(offset, "repeal", {"policy": code, "stands_from": day_of(since)}))
    bounded = sorted(code for code, policy in declared.items() if policy.is_bounded)
    acts = list[tuple[int, str, str, ActKind]]()
    has_acts = draw(st.booleans())
    if bounded and has_acts:
        asked, who = draw(st.sampled_from(bounded)), draw(st.sampled_from(PEOPLE))
        waived, revoked = sorted([draw(OFFSETS), draw(OFFSETS)])
        acts = [(waived, asked, who, ActKind.WAIVE), (revoked, asked, who, ActKind.REVOKE_WAIVER)]
    happens: st.SearchStrategy[list[str]] = st.lists(st.sampled_from(sorted(MONEY)), max_size=2)
    return Plan(
        declared,
        sorted(learned, key=lambda each: each.offset),
        acts,
        draw(st.dictionaries(OFFSETS, happens, max_size=6)),
        draw(st.sampled_from([2, 22])),
    )


PAY_DAYS = (14, 45, 75, 106)  # the offsets of the 15th of each month


@st.composite
def plans_with_set_offs(draw: st.DrawFn) -> tuple[Plan, list[int]]:
    """Give a plan and its nights in which claims arise, stand, and are set off from what is due later.

    Everybody has a card and is paid; later it turns out that some cards had ended before; new ones are issued, and from what
    is due for them nights keep back what was claimed.
    """
    plan = draw(plans())
    share, partial = draw(st.sampled_from(["1/2", "1"])), draw(st.sampled_from(["hold", "pay"]))
    terms = (
        "{period: month, counts: any_day, grace: {periods: 0}, pay: {calendar: monthly, day: 15}, overpaid: case,"
        f" offset: {{share: {share}}}, partial: {partial}}}"
    )
    criteria, example, amounts = CRITERIA[0]
    paying = Policy(criteria, example, amounts, terms, "[]", None, "period", is_bounded=False)
    found_out = draw(st.integers(46, 70))
    again = draw(st.integers(found_out + 1, 74))
    ended = {who: draw(st.integers(-20, 40)) for who in draw(st.sets(st.sampled_from(PEOPLE), min_size=1))}
    card = {"等级": draw(st.sampled_from([1, 2])), "发证": "2024-01-01", "起": day_of(-60), "止": day_of(LAST + 60)}
    before = [card | {"who": who} for who in PEOPLE]
    corrected = [each | ({"止": day_of(ended[each["who"]])} if each["who"] in ended else {}) for each in before]
    renewed = [card | {"who": who, "起": day_of(again), "发证": day_of(again)} for who in ended]
    cards = [
        Learned(offset, "deliver", {"resource": "cards", "rows": rows, "speaks_for": day_of(offset)})
        for offset, rows in ((-10, before), (found_out, corrected), (again, [*corrected, *renewed]))
    ]
    others = [each for each in plan.learned if each.arguments.get("resource") not in {"cards", "corrections"}]
    others = [each for each in others if each.arguments.get("policy") != "p1"]
    ran = sorted({*draw(nights(plan)), *PAY_DAYS, found_out})
    money = {**plan.money, **{each: ["paid"] for each in PAY_DAYS}, found_out: ["set off"]}
    learned = sorted([paying.published(-30, "p1"), *cards, *others], key=lambda each: each.offset)
    made = replace(plan, policies={**plan.policies, "p1": paying}, learned=learned, money=money, acts=[], hour=22)
    return made, ran


@st.composite
def nights(draw: st.DrawFn, plan: Plan) -> list[int]:
    """Give nights that ran: many of the days on which there was something to see, and others."""
    busy = sorted({*(each.offset for each in plan.learned if each.offset >= 0), *plan.money})
    return draw(st.lists(st.sampled_from(busy) | OFFSETS, max_size=12, unique=True))
