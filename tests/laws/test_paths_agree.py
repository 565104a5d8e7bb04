"""What is due and committed in the end follows from what is known, not from the nights that ran on the way."""

from dataclasses import dataclass, replace

import polars as pl
import sqlalchemy as sa
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from store.grants import read_grants
from store.journal import verify_books
from store.loads import read_loads
from store.positions import read_positions
from store.tables import SetOff, table_of
from store.vault_openings import look_up
from tests.laws.lives import LAST, LATER_NUMBER, PEOPLE, Plan, day_of, live, new_world
from tests.laws.paths import nights, plans, plans_with_set_offs
from tests.world import World

EXAMPLES = 6  # each is two lives of a deployment, of some ten nights together


@dataclass(frozen=True)
class End:
    """Where a life came to; by policy and letter, not by id.

    `dues` and `grants` are what the last night found; `committed_fen` is by netting unit, and only of units whose due
    is known in both lives: a night that ran may have found somebody of whom nothing is known any more.
    """

    dues: dict[tuple[str, ...], tuple[object, ...]]
    grants: dict[tuple[str, ...], object]
    committed_fen: dict[tuple[str, ...], int]


def ends_of(one: World, other: World, plan: Plan) -> tuple[End, End]:
    """Return where two lives of a plan came to."""
    (first, open_in_first), (second, open_in_second) = _end_of(one, plan), _end_of(other, plan)
    is_open = open_in_first | open_in_second
    return _without(first, is_open), _without(second, is_open)


def _without(end: End, units: set[tuple[str, ...]]) -> End:
    return replace(end, committed_fen={unit: fen for unit, fen in end.committed_fen.items() if unit not in units})


def _end_of(world: World, plan: Plan) -> tuple[End, set[tuple[str, ...]]]:
    """Return where a life came to, and the units whose due nobody knows."""
    letters = _letters(world)
    dues = pl.read_parquet(world.root / "runs" / day_of(LAST) / "dues.parquet")
    with world.store.reading() as rx:
        grants, positions = read_grants(rx), read_positions(rx)
    found = {
        (row["policy"], letters[row["subject_id"]], row["period"]): (
            row["at_least_fen"],
            row["at_most_fen"],
            row["is_open"],
            str(row["standing"]),
        )
        for row in dues.iter_rows(named=True)
    }
    uncertain = {_unit(plan, *key) for key, (least, most, *_) in found.items() if least != most}
    committed: dict[tuple[str, ...], int] = {}
    for row in positions.iter_rows(named=True):
        unit = _unit(plan, row["policy"], letters[row["subject_id"]], row["period"])
        if row["committed_fen"]:
            committed[unit] = committed.get(unit, 0) + row["committed_fen"]
    end = End(
        dues={key: due for key, due in found.items() if due[0]},
        grants={
            (row["policy"], letters[row["subject_id"]]): row["discovered_on"]
            for row in grants.sort("discovered_on", descending=True).iter_rows(named=True)
            if plan.policies[row["policy"]].is_bounded
        },
        committed_fen={unit: fen for unit, fen in committed.items() if fen},
    )
    return end, uncertain


def _letters(world: World) -> dict[str, str]:
    """Return who has an id; a corrected number, and what was written under the former one, are the same person."""
    with world.store.reading() as rx:
        found = {look_up(rx, world.deployment.seals, "person", world.number(each)): each for each in PEOPLE}
        later = look_up(rx, world.deployment.seals, "person", world.number(LATER_NUMBER))
        former = {merge.from_id: merge.to_id for merge in read_loads(rx, world.root).merges}
    known = {key: letter for key, letter in {**found, later: "a"}.items() if key}
    return known | {key: known[target] for key, target in former.items()}


def _unit(plan: Plan, policy: str, letter: str, period: str) -> tuple[str, ...]:
    """Return what a benefit is netted with: everything that a group or a ceiling may bind to it, else itself.

    Groups and ceilings reach over policies, so what they may bind is all that the policies they reach pay a person
    over the longest of their spans.
    """
    bound, spans = {policy}, set[str]()
    while True:
        names = {(plan.policies[each].group, plan.policies[each].pool_span) for each in bound}
        groups, pools = {group for group, _ in names if group}, {pool for _, pool in names if pool}
        wider = bound | {
            code
            for code, each in plan.policies.items()
            if (each.group and each.group in groups) or (each.pool_span and pools)
        }
        spans |= {plan.policies[each].span for each in bound if plan.policies[each].group} | pools
        if wider == bound:
            break
        bound = wider
    if not spans:
        return policy, letter, period
    longest = max(spans, key=["period", "year", "lifetime"].index)
    return *sorted(bound), letter, {"period": period, "year": period[:4], "lifetime": ""}[longest]


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_which_nights_ran_does_not_matter(data: st.DataObject) -> None:
    """M9: any nights, with whatever the bank did between them, then the last: as the last night alone."""
    plan = data.draw(plans())
    ran = data.draw(nights(plan))

    with new_world() as many, new_world() as one:
        live(many, plan, ran)
        live(one, plan, [])

        ended, expected = ends_of(many, one, plan)
        assert ended == expected


@settings(max_examples=EXAMPLES)
@given(plans_with_set_offs())
def test_what_was_set_off_counts_as_paid_back(drawn: tuple[Plan, list[int]]) -> None:
    """M9 with claims that nights keep back from later payments: the books hold, and all ends as the last night alone."""
    plan, ran = drawn

    with new_world() as many, new_world() as one:
        live(many, plan, ran)
        live(one, plan, [])
        with many.store.reading() as rx:
            kept_back = rx.connection.scalar(sa.select(sa.func.count()).select_from(table_of(SetOff)))
            faults = verify_books(rx)

        assume(kept_back)
        ended, expected = ends_of(many, one, plan)
        assert ended == expected
        assert faults == []
