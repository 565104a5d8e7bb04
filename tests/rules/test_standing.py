"""Which version stands on a day."""

import datetime as dt
from dataclasses import replace

import pytest

from core.clock import civil_instant
from core.days import LAST_DAY, DayRange
from rules.standing import Activation, Stand, StandState, continued, resumed, standing

YEAR = DayRange(dt.date(2025, 1, 1), dt.date(2025, 12, 31))
LATER = civil_instant(dt.date(2026, 1, 1))


def activation(
    version: int | None,
    valid_from: str,
    activated_on: str,
    *,
    through: str | None = None,
    clears: bool = False,
) -> Activation:
    return Activation(
        "p",
        version,
        dt.date.fromisoformat(valid_from),
        dt.date.fromisoformat(through) if through else None,
        civil_instant(dt.date.fromisoformat(activated_on)),
        clears=clears,
    )


def on(day: str, *activations: Activation, known_on: str = "2026-01-01") -> tuple[StandState, int | None]:
    date = dt.date.fromisoformat(day)
    (stand,) = standing(activations, DayRange(date, date), known_at=civil_instant(dt.date.fromisoformat(known_on)))
    return stand.state, stand.version


def test_greatest_beginning_wins_then_the_latest_word() -> None:
    """Semantics §2: greatest `from`, then greatest activated-at."""
    raise_in_july = activation(2, "2025-07-01", "2025-08-07")
    first = activation(1, "2025-01-01", "2024-12-20")
    correction = activation(3, "2025-07-01", "2025-09-01")

    assert on("2025-06-30", first, raise_in_july, correction) == (StandState.IN_FORCE, 1)
    assert on("2025-07-01", first, raise_in_july) == (StandState.IN_FORCE, 2)
    assert on("2025-07-01", first, raise_in_july, correction) == (StandState.IN_FORCE, 3)
    assert on("2025-07-01", first, raise_in_july, known_on="2025-08-06") == (StandState.IN_FORCE, 1)


def test_temporary_window_gives_way_at_its_end() -> None:
    """A window with a later beginning stands through its last day, inclusive."""
    base, window = (
        activation(1, "2025-01-01", "2024-12-20"),
        activation(2, "2025-03-01", "2025-02-01", through="2025-03-31"),
    )

    stands = standing([base, window], YEAR, known_at=LATER)

    assert [(s.days.first.isoformat(), s.version) for s in stands] == [
        ("2025-01-01", 1),
        ("2025-03-01", 2),
        ("2025-04-01", 1),
    ]


def test_repeal_beats_a_later_beginning_until_something_is_activated_after_it() -> None:
    """Tariff v2 from 07-01; repeal from 06-01 signed 09-10; re-activated 11-01."""
    v1, v2 = activation(1, "2025-01-01", "2024-12-20"), activation(2, "2025-07-01", "2025-06-20")
    repeal, again = activation(None, "2025-06-01", "2025-09-10"), activation(2, "2025-11-01", "2025-11-01")

    stands = standing([v1, v2, repeal, again], YEAR, known_at=LATER)

    assert stands == (
        Stand(DayRange(dt.date(2025, 1, 1), dt.date(2025, 5, 31)), StandState.IN_FORCE, 1),
        Stand(DayRange(dt.date(2025, 6, 1), dt.date(2025, 10, 31)), StandState.REPEALED),
        Stand(DayRange(dt.date(2025, 11, 1), dt.date(2025, 12, 31)), StandState.IN_FORCE, 2),
    )


def test_clearing_activation_rolls_a_raise_back() -> None:
    """A rollback to version 1 from a day before the raise began beats the raise, from its own beginning on."""
    v1, v2 = activation(1, "2025-01-01", "2024-12-20"), activation(2, "2025-07-01", "2025-06-20")
    rollback = activation(1, "2025-06-15", "2025-08-01", clears=True)

    assert on("2025-07-01", v1, v2, rollback) == (StandState.IN_FORCE, 1)
    assert on("2025-07-01", v1, v2, rollback, known_on="2025-07-31") == (StandState.IN_FORCE, 2)


@pytest.mark.parametrize(
    ("day", "state"),
    [
        pytest.param("2024-12-31", StandState.NOT_BEGUN, id="the-day-before-it-begins"),
        pytest.param("2025-01-01", StandState.IN_FORCE, id="its-first-day"),
        pytest.param("2025-06-30", StandState.IN_FORCE, id="its-last-day"),
        pytest.param("2025-07-01", StandState.LAPSED, id="no-successor-is-not-zero"),
    ],
)
def test_lapse_is_not_a_repeal(day: str, state: StandState) -> None:
    """Renewals come late: after the last day nothing is known, and zero is not assumed."""
    assert on(day, activation(1, "2025-01-01", "2024-12-20", through="2025-06-30"))[0] is state


def test_standing_for_ever() -> None:
    """What has no last day stands through the last day that there is."""
    first, second = activation(1, "2025-01-01", "2024-12-20"), activation(2, "2025-07-01", "2025-06-01")

    stands = standing([first, second], DayRange(dt.date(2025, 1, 1), LAST_DAY), known_at=LATER)

    assert stands == (
        Stand(DayRange(dt.date(2025, 1, 1), dt.date(2025, 6, 30)), StandState.IN_FORCE, 1),
        Stand(DayRange(dt.date(2025, 7, 1), LAST_DAY), StandState.IN_FORCE, 2),
    )


def test_a_suspended_activation_keeps_its_days() -> None:
    """From the day on nothing is known; the version before does not come back, and days before stay."""
    first, raised = activation(1, "2025-01-01", "2024-12-20"), activation(2, "2025-07-01", "2025-06-20")
    stopped = replace(raised, suspended_from=dt.date(2025, 8, 1))

    assert on("2025-06-30", first, stopped) == (StandState.IN_FORCE, 1)
    assert on("2025-07-31", first, stopped) == (StandState.IN_FORCE, 2)
    assert on("2025-08-01", first, stopped) == (StandState.SUSPENDED, None)
    assert on("2025-08-01", *resumed([first, stopped])) == (StandState.IN_FORCE, 2)


def test_what_comes_after_a_suspended_activation_takes_over() -> None:
    """Its correction from the same day, and a repeal, beat it; a suspended repeal holds back what it would end."""
    stopped = replace(activation(1, "2025-01-01", "2024-12-20"), suspended_from=dt.date(2025, 1, 1))
    correction = activation(2, "2025-01-01", "2025-02-01")
    repeal = activation(None, "2025-06-01", "2025-05-20", clears=True)

    assert on("2025-01-01", stopped, correction) == (StandState.IN_FORCE, 2)
    assert on("2025-06-01", stopped, repeal) == (StandState.REPEALED, None)
    held = replace(repeal, suspended_from=dt.date(2025, 6, 1))
    assert on("2025-06-01", correction, held) == (StandState.SUSPENDED, None)


def test_what_is_suspended_does_not_go_on() -> None:
    """A benefit that goes on after its end does not go on over suspended days."""
    first = activation(1, "2025-01-01", "2024-12-20", through="2025-03-31")
    second = replace(activation(2, "2025-04-01", "2025-03-20"), suspended_from=dt.date(2025, 4, 1))
    stands, since = continued(standing([first, second], YEAR, known_at=LATER))

    assert [each.state for each in stands] == [StandState.IN_FORCE, StandState.SUSPENDED]
    assert since is None
