"""From period outcomes to dues: arrears, grace and dated acts together."""

import datetime as dt
from collections.abc import Mapping

import polars as pl
import pytest

from core.clock import civil_instant
from core.days import DayRange, PeriodKind
from core.ledger import Act, ActKind, Cause
from engine.acts import WAIVED, waived_frame
from engine.dues import Reach, dues_of
from engine.grants import GRANTS, FirstPeriod, first_met, newly_met
from engine.periods import Asking

MONTHS = Asking(PeriodKind.MONTH, "any_day", DayRange(dt.date(2025, 1, 1), dt.date(2025, 12, 31)))
JANUARY_NO = 2025 * 12
Answer = int | None  # fen; None: unknown


def periods(answers: Mapping[int, Answer]) -> pl.DataFrame:
    """Give period outcomes by month of 2025."""
    rows = [
        {
            "subject_id": "s",
            "period_no": JANUARY_NO + month - 1,
            "component": "main",
            "is_met": fen is not None,
            "at_least_fen": fen or 0,
            "at_most_fen": fen,
            "version": 1,
            "first_met_on": dt.date(2025, month, 1) if fen is not None else None,
        }
        for month, fen in answers.items()
    ]
    schema = {
        "subject_id": pl.String, "period_no": pl.Int32, "component": pl.String, "is_met": pl.Boolean,
        "at_least_fen": pl.Int64, "at_most_fen": pl.Int64, "version": pl.Int32, "first_met_on": pl.Date,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def grant(discovered_on: str) -> pl.DataFrame:
    return pl.DataFrame([("s", "g", dt.date.fromisoformat(discovered_on), None)], schema=GRANTS, orient="row")


def discovered(
    answers: Mapping[int, Answer], learned_on: str, through: str, months: int | None, cause: str | None = None
) -> list[dt.date]:
    """Return the day of discovery of everybody who has a grant by now."""
    reach = FirstPeriod(PeriodKind.MONTH, months, by_cause={Cause.HOLD: None, Cause.RULE: 0})
    nobody = pl.DataFrame(schema={"subject_id": pl.String})
    learned, last = dt.date.fromisoformat(learned_on), dt.date.fromisoformat(through)
    met = first_met(periods(answers), nobody, learned_on=learned, through=last, reach=reach)
    causes = pl.DataFrame({"subject_id": ["s"], "cause": [cause]}, schema={"subject_id": pl.String, "cause": pl.String})
    return newly_met(met, causes, reach)["discovered_on"].to_list()


def due(
    answers: Mapping[int, Answer],
    *,
    discovered_on: str,
    months: int | None = 3,
    grace: int = 0,
    acts: tuple[Act, ...] = (),
) -> dict[str, tuple[int, int | None]]:
    reach = Reach(MONTHS, FirstPeriod(PeriodKind.MONTH, months), grace)
    frame = dues_of(periods(answers), grant(discovered_on), waived_frame(acts), reach)
    return {row["period"]: (row["at_least_fen"], row["at_most_fen"]) for row in frame.rows(named=True)}


def test_arrears_reach_back_from_discovery() -> None:
    """Arrears of three months: a grant discovered on 10-05 pays from July on."""
    all_year = dict.fromkeys(range(1, 11), 150)

    assert list(due(all_year, discovered_on="2025-10-05")) == ["2025-07", "2025-08", "2025-09", "2025-10"]
    assert len(due(all_year, discovered_on="2025-10-05", months=None)) == 10


def test_grace_carries_the_last_known_due_and_then_holds() -> None:
    """Unknown for three periods under a grace of two: twice the last due without limit, then nothing certain."""
    dues = due({5: 150, 6: None, 7: None, 8: None}, discovered_on="2025-05-01", grace=2)

    assert dues == {"2025-05": (150, 150), "2025-06": (150, None), "2025-07": (150, None), "2025-08": (0, None)}


def test_waived_months_are_zero_for_ever() -> None:
    """Waiver 03-10, revocation 06-05: April and May are never due, June on is."""
    acts = (
        Act("g", ActKind.WAIVE, dt.date(2025, 3, 10), civil_instant(dt.date(2025, 3, 10)), "clerk"),
        Act("g", ActKind.REVOKE_WAIVER, dt.date(2025, 6, 5), civil_instant(dt.date(2025, 6, 5)), "clerk"),
    )

    dues = due(dict.fromkeys(range(1, 8), 45), discovered_on="2025-01-01", acts=acts)

    assert [month for month, (least, _) in dues.items() if least] == [
        "2025-01",
        "2025-02",
        "2025-03",
        "2025-06",
        "2025-07",
    ]
    assert dues["2025-04"] == dues["2025-05"] == (0, 0)


def test_who_has_no_grant_has_no_due() -> None:
    """Dues belong to grants; an unknown outcome opens none."""
    reach = Reach(MONTHS, FirstPeriod(PeriodKind.MONTH, None), 2)

    assert dues_of(periods({1: 150}), GRANTS.to_frame(), WAIVED.to_frame(), reach).is_empty()


@pytest.mark.parametrize(
    ("answers", "learned_on", "expected"),
    [
        pytest.param({3: 150}, "2025-03-01", dt.date(2025, 3, 1), id="met-when-learned"),
        pytest.param({3: 150, 4: 150}, "2025-05-20", dt.date(2025, 5, 20), id="learned-later"),
        pytest.param({9: 150}, "2025-05-20", dt.date(2025, 9, 1), id="known-before-it-was-met"),
        pytest.param({1: 150}, "2025-06-20", None, id="further-back-than-arrears-reach"),
        pytest.param({1: 150, 9: 150}, "2025-06-20", dt.date(2025, 9, 1), id="old-months-do-not-count-as-discovery"),
        pytest.param({3: None}, "2025-03-01", None, id="unknown-opens-nothing"),
    ],
)
def test_discovery(answers: dict[int, Answer], learned_on: str, expected: dt.date | None) -> None:
    """A grant is discovered on the day its facts were known, or on the day it was first met if that is later."""
    found = discovered(answers, learned_on, "2025-12-31", 3)

    assert found == ([] if expected is None else [expected])


def test_a_day_not_yet_come_opens_nothing() -> None:
    """Paying in advance asks coming periods, but only days that have come may open a grant."""
    found = discovered({12: 150}, "2025-11-01", "2025-11-30", None)

    assert found == []


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        pytest.param("hold", dt.date(2025, 6, 20), id="without-a-limit"),
        pytest.param("rule", None, id="its-own-limit"),
        pytest.param("delivery", None, id="that-of-all"),
        pytest.param(None, None, id="only-time-has-passed"),
    ],
)
def test_how_far_back_goes_by_the_cause(cause: str | None, expected: dt.date | None) -> None:
    """January, learned of in June, under three months for all, none for rules and no limit for what was unknown."""
    found = discovered({1: 150}, "2025-06-20", "2025-12-31", 3, cause)

    assert found == ([] if expected is None else [expected])
