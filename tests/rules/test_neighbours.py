"""Days on which no version of a policy stands."""

import datetime as dt

from rules.bound import RuleVersion
from rules.neighbours import check_neighbours
from rules.standing import Activation
from tests.rules.samples import version


def days(number: int, first: str, last: str | None = None) -> RuleVersion:
    """Return a version of the sample for some days."""
    through = f"\nvalid_through: {last}" if last else ""
    return version(
        ("version: 2\n", f"version: {number}\n"), ("valid_from: 2025-07-01", f"valid_from: {first}{through}")
    )


def activated(number: int | None, first: str, last: str | None = None, *, at: int = 1) -> Activation:
    """Return an activation made in the `at`th hour."""
    return Activation(
        "nursing",
        number,
        dt.date.fromisoformat(first),
        dt.date.fromisoformat(last) if last else None,
        dt.datetime(2025, 1, 1, at, tzinfo=dt.UTC),
    )


def said(*versions: RuleVersion, activations: tuple[Activation, ...] = (), on: str | None = None) -> list[str]:
    """Return the messages."""
    day = dt.date.fromisoformat(on) if on else None
    return [each.message for each in check_neighbours(versions, activations, on=day)]


HOLE = ["no version of `nursing` stands from 2025-07-01 through 2025-08-31"]
FIRST, SECOND = days(1, "2025-01-01", "2025-06-30"), days(2, "2025-09-01")


def test_versions_that_follow_each_other() -> None:
    """The day after the last one is the first one; overlapping is how a raise is written."""
    assert said(days(1, "2025-01-01", "2025-06-30"), days(2, "2025-07-01")) == []
    assert said(days(1, "2025-01-01"), days(2, "2025-09-01", "2025-12-31")) == []


def test_a_hole_between_versions() -> None:
    """Told at the version that begins after it, as a warning."""
    findings = check_neighbours([FIRST, SECOND])

    assert [each.message for each in findings] == HOLE
    assert not findings[0].is_error
    assert findings[0].place == SECOND.script.place("valid_from")


def test_an_activation_fills_a_hole_or_leaves_one() -> None:
    """What was activated counts before what is written."""
    through_august = (activated(1, "2025-01-01", "2025-08-31"),)
    one_each = (activated(1, "2025-01-01", "2025-06-30"), activated(2, "2025-09-01"))
    repealed = (*one_each, activated(None, "2025-07-01", "2025-08-31", at=2))

    assert said(FIRST, SECOND, activations=through_august) == []
    assert said(FIRST, SECOND, activations=one_each) == HOLE
    assert said(FIRST, SECOND, activations=repealed) == []


def test_a_policy_that_lapsed() -> None:
    """Worth telling from the day on which it lapsed; a repeal ends it properly."""
    ended = (activated(1, "2025-01-01", "2025-06-30"),)

    assert said(FIRST, activations=ended, on="2025-06-30") == []
    assert said(FIRST, activations=ended, on="2025-07-01") == ["`nursing` lapsed on 2025-07-01, and nothing follows"]
    assert said(FIRST, activations=(*ended, activated(None, "2025-07-01", at=2)), on="2025-07-01") == []
