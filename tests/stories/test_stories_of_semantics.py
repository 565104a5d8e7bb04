"""The stories of the semantics page, night by night, each given what is due by that night's knowledge.

How facts become dues is told elsewhere; here the money must come out as the page says. Amounts are yuan.
"""

import datetime as dt

from core.days import DayRange, Period, PeriodKind
from core.ledger import Act, ActKind, Due, ItemState
from engine.acts import after_acts
from engine.grace import with_grace
from engine.netting.groups import Contender, capped_unit, group_unit
from engine.netting.settlement import CancelItem
from engine.netting.units import Claimed, merged_unit
from tests.engine.small_world import (
    UNKNOWN,
    World,
    bank_return,
    exactly,
    freeze,
    obligation,
    pay,
    settled,
    write_off,
)

SPRING = ["2025-04", "2025-05", "2025-06", "2025-07"]


def months(first: int, last: int, due: int) -> dict[str, Due | int]:
    """Return the same due for some months of 2025."""
    return {f"2025-{month:02}": due for month in range(first, last + 1)}


def paid(world: World, *dues: dict[str, Due | int]) -> World:
    """Let a night be followed by payment, for each of the nights."""
    for each in dues:
        world.night(each)
        world.happens(pay)
    return world


def test_death_reported_late() -> None:
    """C02 at 150; death of 05-10, reported 10-01; paid through September: cases June to September, May stays."""
    world = paid(World(), months(1, 9, 150))

    world.night(months(1, 5, 150) | months(6, 10, 0))

    assert world.cases() == {"2025-06": 150, "2025-07": 150, "2025-08": 150, "2025-09": 150}
    assert world.items("2025-05") == [(150, "paid")]
    assert world.items("2025-10") == []


def test_death_reported_while_the_month_is_in_a_frozen_batch() -> None:
    """March in a frozen batch; death of February reported: March is cancelled and leaves its batch; no case."""
    world = World()
    world.night({"2025-03": 150})
    world.happens(freeze)

    world.night({"2025-03": 0})

    assert [(type(each), each.item.state) for each in world.changes if isinstance(each, CancelItem)] == [
        (CancelItem, ItemState.IN_BATCH)
    ]
    assert world.items("2025-03") == []
    assert world.cases() == {}


def test_raise_from_an_earlier_month() -> None:
    """150 paid for July and August; raised to 180 from July: 30 and 30; later months 180."""
    world = paid(World(), months(7, 8, 150))

    world.night(months(7, 9, 180), current="2025-09")

    assert world.items("2025-07") == [(150, "paid"), (30, "open")]
    assert world.items("2025-08") == [(150, "paid"), (30, "open")]
    assert world.items("2025-09") == [(180, "open")]
    assert [world.kinds(month)[-1] for month in ("2025-07", "2025-08", "2025-09")] == ["top_up", "top_up", "regular"]


def test_card_renewed_at_another_level() -> None:
    """150 until the card expired in March; a new card in June at 300, backdated: April to July 300, no case."""
    world = paid(World(), months(1, 3, 150))
    world.night(months(1, 3, 150) | months(4, 5, 0))

    world.night(months(1, 3, 150) | months(4, 7, 300), current="2025-07")

    assert [world.items(f"2025-0{month}") for month in (1, 2, 3)] == [[(150, "paid")]] * 3
    assert [world.items(month) for month in SPRING] == [[(300, "open")]] * 4
    assert [world.kinds(month) for month in SPRING] == [["arrears"], ["arrears"], ["arrears"], ["regular"]]
    assert world.cases() == {}


def test_level_known_then_unknown_then_known() -> None:
    """Before payment the item goes open, on hold, open."""
    world = World()
    seen = []
    for due in (exactly(150), UNKNOWN, exactly(150)):
        world.night({"2025-07": due})
        seen.append(world.items("2025-07"))

    assert seen == [[(150, "open")], [(150, "on_hold")], [(150, "open")]]


def test_unknown_first_answer() -> None:
    """An unknown first answer opens nothing."""
    world = World()

    world.night({"2025-07": UNKNOWN})

    assert world.of("2025-07").items == ()


def test_list_missing_for_a_while_then_agreeing() -> None:
    """低保 list missing through October, the subject on it before and after: every month is paid."""
    world = paid(World(), {"2025-08": 800, "2025-09": 800})
    on_grace = with_grace({8: exactly(800), 9: exactly(800), 10: None}, grace_periods=1)[10].due

    paid(world, {"2025-09": 800, "2025-10": on_grace}, months(8, 11, 800))

    assert [world.items(f"2025-{month:02}") for month in (8, 9, 10, 11)] == [[(800, "paid")]] * 4
    assert world.cases() == {}


def test_list_missing_for_a_while_then_disagreeing() -> None:
    """Off the list after the gap: the gap month is held, not paid back where unpaid and not claimed where paid."""
    unpaid, carried = paid(World(), months(8, 9, 800)), paid(World(), months(8, 10, 800))

    for world in (unpaid, carried):
        world.night(months(8, 9, 800) | {"2025-10": UNKNOWN} | months(11, 11, 0))

    assert unpaid.items("2025-10") == []
    assert carried.items("2025-10") == [(800, "paid")]
    assert unpaid.cases() == carried.cases() == {}


def test_quarter_paid_in_advance() -> None:
    """Paid 01-15 for January to March; death of 02-10: a case for March only."""
    world = paid(World(), months(1, 3, 150))

    world.night(months(1, 2, 150) | months(3, 3, 0))

    assert world.cases() == {"2025-03": 150}


def highest(world: World, **dues: Due | int) -> None:
    """Let a night find the members of a group in which the highest is paid."""
    contenders = [Contender((world.claimed(name, due),)) for name, due in dues.items()]
    world.night_together(group_unit("u", "highest", contenders))


def test_higher_benefit_of_the_group_found() -> None:
    """A = 180 paid, then B = 300 found: 120 more on B."""
    world = World()
    highest(world, A=180)
    world.happens(pay)

    highest(world, A=180, B=300)

    assert world.items("A") == [(180, "paid")]
    assert world.items("B") == [(120, "open")]
    assert world.kinds("B") == ["top_up"]


def test_higher_benefit_corrected_away_before_payment() -> None:
    """B's 120 is cancelled."""
    world = World()
    highest(world, A=180)
    world.happens(pay)
    highest(world, A=180, B=300)

    highest(world, A=180, B=0)

    assert world.items("A") == [(180, "paid")]
    assert world.items("B") == []
    assert world.cases() == {}


def test_higher_benefit_corrected_away_after_payment() -> None:
    """A case of 120 on B; A is untouched."""
    world = World()
    highest(world, A=180)
    world.happens(pay)
    highest(world, A=180, B=300)
    world.happens(pay)

    highest(world, A=180, B=0)

    assert world.items("A") == [(180, "paid")]
    assert world.cases() == {"B": 120}


def test_paid_benefit_of_the_group_turns_unknown() -> None:
    """A = 180 paid, A turns unknown, B = 150 met: nothing happens."""
    world = World()
    highest(world, A=180)
    world.happens(pay)

    highest(world, A=UNKNOWN, B=150)

    assert world.changes == []


def test_top_up_over_a_lifetime() -> None:
    """Municipal centre of 2024 paid 100, national of 2026 at 300: 200 more; corrected away: a case of 200 on it."""
    world = World()
    highest(world, municipal=100)
    world.happens(pay)
    highest(world, municipal=100, national=300)
    found = world.items("national")
    world.happens(pay)

    highest(world, municipal=100, national=0)

    assert found == [(200, "open")]
    assert world.cases() == {"national": 200}


def test_earlier_loan_found_under_a_shared_cap() -> None:
    """Cap of 1,000,000 at 1 %: September 800,000 paid 8,000, then June 600,000 found: 2,000 more, no case."""
    world = World()
    world.night_together(capped_unit("u", [world.claimed("september", 8_000)], 1_000_000))
    world.happens(pay)

    world.night_together(capped_unit("u", [world.claimed("june", 6_000), world.claimed("september", 8_000)], 1_000_000))

    assert world.items("june") == [(2_000, "open")]
    assert world.items("september") == [(8_000, "paid")]
    assert world.cases() == {}


def test_waiver_and_its_revocation() -> None:
    """Waiver 03-10, revoked 06-05: April and May are never paid; June on."""
    heard_at = dt.datetime(2025, 6, 5, tzinfo=dt.UTC)
    acts = [
        Act("g", ActKind.WAIVE, dt.date(2025, 3, 10), heard_at, "s"),
        Act("g", ActKind.REVOKE_WAIVER, dt.date(2025, 6, 5), heard_at, "s"),
    ]
    days = DayRange(dt.date(2025, 3, 1), dt.date(2025, 7, 31))
    world = World()

    for period in Period.covering(days, PeriodKind.MONTH):
        world.night({period.name: after_acts(exactly(150), period, acts)})

    assert world.items("2025-03") == [(150, "open")]
    assert [world.items(month) for month in SPRING] == [[], [], [(150, "open")], [(150, "open")]]


def test_repeal_signed_late_and_reactivation() -> None:
    """Repealed from 06-01 on 09-10, re-activated 11-01: June to August become cases; nothing until November."""
    world = paid(World(), months(5, 8, 180))
    world.night(months(5, 5, 180) | months(6, 10, 0))

    world.night(months(5, 5, 180) | months(6, 10, 0) | months(11, 11, 180))

    assert world.cases() == {"2025-06": 180, "2025-07": 180, "2025-08": 180}
    assert [world.items(f"2025-{month:02}") for month in (9, 10, 11)] == [[], [], [(180, "open")]]


def test_moved_out_and_back() -> None:
    """Moved out 04-10, back 07-20: April paid, May and June not, July on."""
    world = paid(World(), months(4, 4, 150), months(4, 4, 150) | months(5, 6, 0))

    world.night(months(4, 4, 150) | months(5, 6, 0) | months(7, 7, 150))

    assert [world.items(month) for month in SPRING] == [[(150, "paid")], [], [], [(150, "open")]]
    assert world.cases() == {}


def test_written_off_and_corrected_back() -> None:
    """The write-off lapses, nothing is paid again, and the nights in between open no second case."""
    world = paid(World(), {"2025-07": 150})
    world.night({"2025-07": 0})
    world.happens(write_off)
    world.night({"2025-07": 0})
    in_between = world.cases()

    world.night({"2025-07": 150})

    assert in_between == {}
    assert world.of("2025-07").written_off_fen == 0
    assert world.items("2025-07") == [(150, "paid")]
    assert world.cases() == {}


def test_bank_returns_what_is_claimed() -> None:
    """The case is extinguished, the item cancelled."""
    world = paid(World(), {"2025-07": 150})
    world.night({"2025-07": 0})
    world.happens(bank_return)

    world.night({"2025-07": 0})

    assert world.cases() == {}
    assert world.items("2025-07") == []


def test_single_payment_and_a_later_version() -> None:
    """20 paid in 2023 as `once`; a version of 2025 says 30: the first met day still gives 20, so nothing."""
    world = paid(World(), {"once": 20})

    world.night({"once": 20})

    assert world.changes == []


def test_number_corrected_in_time() -> None:
    """An alias known before the first night of the new number: one ledger, one due."""
    former = settled(merged_unit(Claimed(obligation("former"), exactly(150)), ())).members[0].obligation

    unit = settled(merged_unit(Claimed(obligation("present"), exactly(150)), [former]))

    assert [len(member.obligation.items) for member in unit.members] == [1, 0]


def test_number_corrected_late() -> None:
    """Suspected renumbering waits on hold; after the alias there is one due, paid once."""
    world = paid(World(), {"former": 150})
    world.night_together(merged_unit(world.claimed("present", 150, suspected=True), ()))
    suspected = world.items("present")

    world.night_together(merged_unit(world.claimed("present", 150), [world.of("former")]))

    assert suspected == [(150, "on_hold")]
    assert world.items("former") == [(150, "paid")]
    assert world.items("present") == []
    assert world.cases() == {}
