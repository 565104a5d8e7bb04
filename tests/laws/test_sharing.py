"""What frames make of bonds is what the plain reference makes of them, and holds every possibility."""

import datetime as dt
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ledger import Due, Obligation
from engine.netting.bonds import Bond
from engine.netting.groups import Contender, Mode, capped_unit, group_unit
from engine.netting.sharing import HOLDERS, MEASURES, ROWS, shares_of
from engine.netting.units import Claimed
from tests.engine.small_world import World, pay

POLICIES = ("p1", "p2", "p3")
PERIODS = ("2025-01", "2025-02", "2026-01")
EVERY_PERIOD = [f"{policy} {period}" for policy in POLICIES for period in PERIODS]

AMOUNTS = st.integers(0, 4)
MORE = st.sampled_from([0, 0, 0, 1, 3, None])
DUES = st.builds(lambda least, more: Due(least, None if more is None else least + more), AMOUNTS, MORE)
BOUNDED = st.builds(lambda least, more: Due(least, least + more), AMOUNTS, st.sampled_from([0, 0, 1, 2]))


def row(name: str, due: Due, committed_fen: int = 0, subject_id: str = "s") -> dict[str, object]:
    """Return the row of an obligation named by policy and period."""
    policy, period = name.split(" ")
    return {
        "obligation_id": f"{name} {subject_id}",
        "policy": policy,
        "subject_id": subject_id,
        "event": "",
        "period": period,
        "dated_on": dt.date.fromisoformat(f"{period}-01"),
        "component": "main",
        "version": 1,
        "at_least_fen": due.at_least_fen,
        "at_most_fen": due.at_most_fen,
        "is_waiting": False,
        "committed_fen": committed_fen,
    }


def measured(rows: Sequence[dict[str, object]], **ranges: Due) -> pl.DataFrame:
    """Return measures that are the same for every row."""
    return pl.DataFrame(
        [
            {name: each[name] for name in ("policy", "subject_id", "event", "period")}
            | {"measure": measure, "measure_least_fen": due.at_least_fen, "measure_most_fen": due.at_most_fen}
            for each in rows
            for measure, due in ranges.items()
        ],
        schema=MEASURES,
    )


class Share(NamedTuple):
    """What is certain of an obligation, and the unit that it belongs to."""

    fen: int
    unit: str
    least_fen: int
    most_fen: int | None


def shared(
    rows: Sequence[dict[str, object]], bonds: Sequence[Bond], measures: pl.DataFrame | None = None
) -> dict[str, Share]:
    """Return the share of each bound obligation."""
    found = shares_of(
        pl.DataFrame(rows, schema=ROWS),
        bonds,
        {bond.name: HOLDERS.to_frame() for bond in bonds},
        MEASURES.to_frame() if measures is None else measures,
    )
    return {
        each["obligation_id"]: Share(each["share_fen"], each["unit_key"], each["unit_least_fen"], each["unit_most_fen"])
        for each in found.iter_rows(named=True)
    }


def claimed(name: str, due: Due, world: World) -> Claimed:
    """Return an obligation of a small world with its due."""
    return Claimed(world.of(name), due)


@given(
    st.sampled_from(["highest", "at_most", "priority"]),
    st.lists(DUES, min_size=2, max_size=3),
    st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_groups_on_frames_are_as_the_plain_reference_says(mode: Mode, dues: list[Due], are_paid: list[bool]) -> None:
    """Winners, shares and the range of a group; who is paid already keeps what is equal."""
    world, names = World(), [f"{policy} 2025-01" for policy in POLICIES[: len(dues)]]
    for name, is_paid in zip(names, are_paid, strict=False):
        world.night({name: 3} if is_paid else {})
    world.happens(pay)
    rows = [row(name, due, world.of(name).committed_fen) for name, due in zip(names, dues, strict=True)]
    contenders = [Contender((claimed(name, due, world),)) for name, due in zip(names, dues, strict=True)]
    count = 2 if mode == "at_most" else 1

    on_frames = shared(rows, [Bond("g", "group", POLICIES, "period", mode=mode, count=count)])

    plain = group_unit("u", mode, contenders, count)
    shares = {member.obligation.obligation_id: member.share_fen for member in plain.members}
    assert {key.removesuffix(" s"): share.fen for key, share in on_frames.items()} == shares
    assert {each[2:] for each in on_frames.values()} == {(plain.due.at_least_fen, plain.due.at_most_fen)}


@given(st.lists(DUES, min_size=1, max_size=3), st.integers(0, 8))
def test_ceilings_on_frames_are_as_the_plain_reference_says(dues: list[Due], cap_fen: int) -> None:
    """Shares and the range under a ceiling, used by the oldest first."""
    names = [f"p1 {period}" for period in PERIODS[: len(dues)]]
    rows = [row(name, due) for name, due in zip(names, dues, strict=True)]
    bond = Bond("c", "cap", ("p1",), "lifetime", measure="cap")

    on_frames = shared(rows, [bond], measured(rows, cap=Due(cap_fen, cap_fen)))

    plain = capped_unit("u", [Claimed(_named(name), due) for name, due in zip(names, dues, strict=True)], cap_fen)
    assert [on_frames[f"{name} s"].fen for name in names] == [member.share_fen for member in plain.members]
    assert {each[2:] for each in on_frames.values()} == {(plain.due.at_least_fen, plain.due.at_most_fen)}


def _named(name: str) -> Obligation:
    return World().of(name)


CHAINS = st.sampled_from(
    [
        [
            Bond("g", "group", ("p1", "p2"), "period"),
            Bond("paid", "paid", ("p1",), "year", measure="paid"),
            Bond("c", "cap", ("p1", "p2", "p3"), "year", measure="cap"),
        ],
        [
            Bond("g", "group", ("p1", "p2"), "year", mode="priority"),
            Bond("c", "cap", ("p2", "p3"), "lifetime", measure="cap"),
        ],
        [
            Bond("paid", "paid", ("p2",), "lifetime", measure="paid"),
            Bond("c", "cap", ("p1", "p2"), "period", measure="cap"),
            Bond("d", "cap", ("p1", "p3"), "lifetime", measure="cap"),
        ],
    ]
)


@settings(max_examples=25)
@given(CHAINS, st.dictionaries(st.sampled_from(EVERY_PERIOD), BOUNDED, min_size=2, max_size=5), BOUNDED, BOUNDED)
def test_a_unit_holds_every_possibility(bonds: list[Bond], dues: dict[str, Due], cap: Due, paid: Due) -> None:
    """Whatever the unknown dues, ceilings and payments are, what they come to lies in the range; known, it is exact.

    Of a group by priority whose first is not certain, nothing is, so its lower end may lie below the smallest result.
    """
    names = sorted(dues)
    rows = [row(name, dues[name]) for name in names]
    found = shared(rows, bonds, measured(rows, cap=cap, paid=paid))
    amounts = [range(due.at_least_fen, (due.at_most_fen or 0) + 1) for due in (*dues.values(), cap, paid)]
    order = list(dues)

    for possible in product(*amounts):
        known = dict(zip(order, possible, strict=False))
        exact_rows = [row(name, Due(known[name], known[name])) for name in names]
        limits = measured(rows, cap=Due(possible[-2], possible[-2]), paid=Due(possible[-1], possible[-1]))
        exact = shared(exact_rows, bonds, limits)
        for unit in {share.unit for share in found.values()}:
            members = [name for name, share in found.items() if share.unit == unit]
            total = sum(exact[name].fen for name in members)
            least, most = found[members[0]][2:]
            assert least <= total
            assert most is None or total <= most
        assert all(share.least_fen == share.most_fen for share in exact.values())


def test_order_of_rows_says_nothing() -> None:
    """The same obligations in any order come to the same."""
    rows = [row(name, Due(3, 3)) for name in EVERY_PERIOD]
    bonds = [Bond("c", "cap", POLICIES, "year", measure="cap")]

    assert shared(rows, bonds, measured(rows, cap=Due(7, 7))) == shared(
        rows[::-1], bonds, measured(rows, cap=Due(7, 7))
    )
