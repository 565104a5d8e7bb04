"""A night that goes on from the last one comes to the same as one that looks at everything, whatever happened between.

The lives of the other laws are short and full of news, so that hardly anybody's past is left alone; these are longer and calmer.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from core.days import add_months
from core.ledger import ActKind
from store.grants import read_grants
from store.journal import verify_books
from tests.laws.lives import new_world
from tests.world import World, day

EXAMPLES = 4  # each is some eight nights, computed three times
MONTHS = 10
PEOPLE = "abcdef"

Happens = Callable[[World], None]

_CRITERIA = (
    ("有证; 等级 >= 1", "{有证: true, 等级: 1}"),
    ("有证 or 低保", "{有证: true, 低保: false}"),
    ("有证; not 死亡", "{有证: true, 死亡: false}"),
    ("full_years_by_month(出生) >= 60; 有证", "{出生: 1950-01-01, 有证: true}"),
)
_BACK = "backdate: {from: 发证, months: 3, waives: [c1], reads: [等级]}"


@st.composite
def rules(draw: st.DrawFn, excludes: str, *, is_bounded: bool) -> dict[str, Any]:
    """Give what a policy says that stands for a year before anybody is found."""
    criteria, example = draw(st.sampled_from(_CRITERIA))
    more = [
        f"grace: {{periods: {draw(st.integers(0, 2))}}}",
        f"counts: {draw(st.sampled_from(['any_day', 'last_day']))}",
    ]
    more += draw(
        st.sampled_from([[], ["arrears: {months: 2}"], ["arrears: {months: 1, causes: {delivery: 6, hold: 2}}"]])
    )
    more += [_BACK] if draw(st.booleans()) else []
    period = draw(st.sampled_from(["month", "month", "quarter"]))
    overpaid, partial = draw(st.sampled_from(["case", "keep"])), draw(st.sampled_from(["hold", "pay"]))
    terms = f"{{period: {period}, pay: {{calendar: monthly, day: 15}}, overpaid: {overpaid}, partial: {partial}"
    return {
        "criteria": criteria,
        "example": example,
        "amounts": draw(st.sampled_from([150, {"等级 == 1": 300, "": 120}])),
        "terms": ", ".join([terms, *more]) + "}",
        "excludes": excludes,
        "stands_from": "2024-01-01",
    }


def dates(first: int = 0) -> st.SearchStrategy[str]:
    """Give a day of some month."""
    months, days = st.integers(first, MONTHS - 1), st.integers(2, 27)
    return st.tuples(months, days).map(lambda each: str(add_months(day("2025-01-01"), each[0]).replace(day=each[1])))


@st.composite
def news(draw: st.DrawFn) -> tuple[str, str, Happens]:
    """Give something that happens to one or two people, and when."""
    on, who = draw(dates(2)), draw(st.sampled_from(PEOPLE))
    kind = draw(st.sampled_from(["waive", "take back", "report", "clear", "card", "card", "card", "dibao", "death"]))
    acts = {
        "waive": ActKind.WAIVE,
        "take back": ActKind.REVOKE_WAIVER,
        "report": ActKind.HOLD,
        "clear": ActKind.RELEASE,
    }
    if kind in acts:
        return on, kind, lambda world: _act(world, who, acts[kind], on)
    if kind == "death":
        row = {"who": who, "日期": draw(st.sampled_from(["2025-01-20", on]))}
        return on, kind, lambda world: world.deliver("deaths", [row], on=on)
    if kind == "dibao":
        listed = [{"who": each} for each in draw(st.lists(st.sampled_from(PEOPLE), min_size=1, unique=True))]
        return on, kind, lambda world: world.deliver("dibao", listed, on=on)
    begins = draw(st.sampled_from(["2020-01-01", "2025-03-10", on]))
    ends = draw(st.sampled_from(["2029-12-31", "2025-02-20", "2025-07-31"]))
    issued, level = draw(st.sampled_from(["2024-01-01", on])), draw(st.sampled_from([1, 2, None]))
    own: dict[str, object] = {"who": who, "等级": level, "发证": issued, "起": begins, "止": ends}
    rows = [own] if begins <= ends else []
    others = [each for each in PEOPLE if each != who]
    return on, kind, lambda world: world.deliver("cards", [*rows, *_cards(others)], on=on)


def _cards(people: list[str]) -> list[dict[str, object]]:
    return [{"who": who, "等级": 1, "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"} for who in people]


def _act(world: World, who: str, kind: ActKind, on: str) -> None:
    with world.store.reading() as rx:
        has_one = not read_grants(rx, policy="care", subjects=[world.subject(who)]).is_empty()
    if has_one:
        world.act(who, kind, on=on)


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_a_night_need_not_look_at_everything(data: st.DataObject) -> None:
    """Every night of a life is computed both ways by `World.night`, which fails where they differ; some leave periods out."""
    mode = data.draw(st.sampled_from([None, "highest", "at_most, at_most: 1"]))
    span = data.draw(st.sampled_from(["period", "year"]))
    excludes = "[]" if mode is None else f"[{{group: g, mode: {mode}, span: {span}}}]"
    policies = {
        "care": data.draw(rules(excludes, is_bounded=False)),
        "other": data.draw(rules(excludes, is_bounded=data.draw(st.booleans()))),
    }
    happenings = data.draw(st.lists(news(), max_size=5))
    nights = sorted({data.draw(dates()) for _ in range(3)} | {f"2025-{month:02d}-16" for month in (1, 3, 5, 6, 9)})
    paid = data.draw(st.sets(st.sampled_from(nights)))

    with new_world() as world:
        world.looks_both_ways = True
        world.people(PEOPLE, on="2024-12-20", 出生="1964-12-19")
        world.deliver("cards", _cards(list(PEOPLE[:4])), on="2024-12-21")
        world.deliver("dibao", [{"who": "e"}], on="2024-12-21")
        world.deliver("deaths", [{"who": "f", "日期": "2024-12-01"}], on="2024-12-21")
        for code, said in policies.items():
            world.rule(policy=code, on="2024-12-22", **said)
        left_out = 0
        steps = [(on, 0, happens) for on, _, happens in happenings] + [(on, 1, None) for on in nights]
        for on, _, happens in sorted(steps, key=lambda each: each[:2]):
            if happens is not None:
                happens(world)
            else:
                world.night(on, pays=on in paid)
                left_out += (world.root / "runs" / on / "whole.parquet").exists()

        event(f"nights that left something out: {left_out}")
        with world.store.reading() as rx:
            assert verify_books(rx) == []
