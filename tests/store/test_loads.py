import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from core.loads import LoadInfo
from store.codes import StoreInvariantError
from store.loads import StoredLoads, read_loads
from store.opening import Store
from tests.store.worlds import CLOCK_START

LOAD = LoadInfo(
    load_id="load_1",
    resource="residents",
    data_date=dt.date(2026, 3, 1),
    loaded_at=CLOCK_START,
    digest="d",
    file_name="居民.csv",
    path="snapshots/residents/load_1.parquet",
    row_count=10,
    accepted_count=8,
    quarantined_count=1,
    unreadable_count=1,
    is_complete=False,
    incomplete_because="区县缺失",
    regions_missing=("310118", "310120"),
)


def test_a_load_comes_back_as_it_was_recorded(store: Store) -> None:
    """Recording it again changes nothing; another resource's loads are not among its own."""
    other = replace(
        LOAD, load_id="load_2", resource="cards", is_complete=True, incomplete_because=None, regions_missing=()
    )
    with store.writing() as tx:
        register = StoredLoads(tx)
        for load in (LOAD, other, LOAD):
            register.record(load)

        assert register.known("residents") == [LOAD]

    with store.reading() as rx:
        assert read_loads(rx, Path("w")).infos == (other, LOAD)


def test_loads_are_known_in_the_order_they_were_recorded(store: Store) -> None:
    """The order of recording, not of data dates or ids, is kept."""
    earlier = replace(LOAD, load_id="load_0", data_date=dt.date(2026, 2, 1))
    with store.writing() as tx:
        register = StoredLoads(tx)
        register.record(LOAD)
        register.record(earlier)

        assert [load.load_id for load in register.known("residents")] == ["load_1", "load_0"]


def test_two_loads_with_one_id_stop_the_run(store: Store) -> None:
    """An id is a function of what was delivered; a clash would be our mistake."""
    with store.writing() as tx:
        register = StoredLoads(tx)
        register.record(LOAD)

        with pytest.raises(StoreInvariantError):
            register.record(replace(LOAD, row_count=11))
