import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from core.loads import LoadInfo, Loads
from profiles.catalogue import Catalogue, Resource
from profiles.state import Freshness, load_state, state_findings
from tests.profiles.deliveries import LIST, resource

JULY = dt.date(2025, 7, 1)
LOAD = LoadInfo(
    load_id="l_1",
    resource="list",
    data_date=JULY,
    loaded_at=dt.datetime(2025, 7, 2, tzinfo=dt.UTC),
    digest="d",
    file_name="list.csv",
    path="snapshots/list/l_1.parquet",
    row_count=100,
    accepted_count=100,
    quarantined_count=0,
    unreadable_count=0,
    is_complete=True,
)


def found(*loads: LoadInfo, on: dt.date, to: Resource | None = None) -> list[str]:
    """Return the codes of the findings about one resource."""
    to = to or resource(LIST)
    catalogue = Catalogue(kinds={}, resources={"list": to}, attributes={}, relations={}, fingerprint="f")
    return [finding.code.value for finding in state_findings(load_state(catalogue, Loads(Path(), loads), on))]


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        pytest.param(JULY, [], id="on-its-day"),
        pytest.param(dt.date(2025, 8, 1), [], id="due-today"),
        pytest.param(dt.date(2025, 8, 2), ["P306"], id="a-day-late"),
        pytest.param(dt.date(2025, 8, 3), ["P306"], id="seven-days-left"),
        pytest.param(dt.date(2025, 8, 4), ["P303"], id="six-days-left"),
        pytest.param(dt.date(2025, 8, 10), ["P303"], id="the-last-fresh-day"),
        pytest.param(dt.date(2025, 8, 11), ["P302"], id="the-first-stale-day"),
        pytest.param(dt.date(2025, 6, 30), ["P301"], id="before-its-day"),
    ],
)
def test_freshness(day: dt.date, codes: list[str]) -> None:
    """A monthly list with forty days' grace: late after 31, nearly stale in the last week, stale after forty."""
    assert found(LOAD, on=day) == codes


def test_never_arrived() -> None:
    """A resource that was declared and never came is the first thing to ask for."""
    assert found(on=JULY) == ["P301"]


def test_the_newest_data_date_answers() -> None:
    """What came later for an earlier day does not make the list older."""
    early = replace(
        LOAD, load_id="l_2", data_date=dt.date(2025, 5, 1), loaded_at=dt.datetime(2025, 7, 9, tzinfo=dt.UTC)
    )

    assert found(LOAD, early, on=dt.date(2025, 7, 20)) == []


def test_incomplete() -> None:
    """As a whole, and by region."""
    assert found(replace(LOAD, is_complete=False, incomplete_because="9 rows"), on=JULY) == ["P304"]
    assert found(replace(LOAD, regions_missing=("310101",)), on=JULY) == ["P304"]


def test_quarantined() -> None:
    """Rows in quarantine go back to the department."""
    assert found(replace(LOAD, quarantined_count=3), on=JULY) == ["P305"]


def test_irregular_resources_are_never_late() -> None:
    """They promise nothing but their freshness."""
    assert found(LOAD, on=dt.date(2025, 8, 2), to=resource(LIST, refresh="irregular")) == []


def test_the_record() -> None:
    """What a table or a page shows of one resource."""
    to = resource(LIST)
    catalogue = Catalogue(kinds={}, resources={"list": to}, attributes={}, relations={}, fingerprint="f")
    (state,) = load_state(catalogue, Loads(Path(), (LOAD,)), dt.date(2025, 8, 12))

    assert (state.latest, state.load_count, state.freshness) == (LOAD, 1, Freshness.STALE)
    assert (state.fresh_through, state.due_on) == (dt.date(2025, 8, 10), dt.date(2025, 8, 1))
    assert (state.days_left, state.is_late) == (-2, True)
