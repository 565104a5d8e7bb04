import datetime as dt
from pathlib import Path

from core.loads import LoadInfo, Loads, Merge


def load(name: str, day: int, hour: int, resource: str = "list") -> LoadInfo:
    """Return a load for a day of July, loaded at an hour of 9 July."""
    return LoadInfo(
        load_id=name,
        resource=resource,
        data_date=dt.date(2025, 7, day),
        loaded_at=dt.datetime(2025, 7, 9, hour, tzinfo=dt.UTC),
        digest="d",
        file_name="f",
        path=f"snapshots/{resource}/{name}.parquet",
        row_count=1,
        accepted_count=1,
        quarantined_count=0,
        unreadable_count=0,
        is_complete=True,
    )


LOADS = Loads(
    Path("workspace"),
    (load("late", 1, 3), load("second", 2, 1), load("first", 1, 2), load("other", 1, 1, "cards")),
    (Merge("a", "b", dt.datetime(2025, 7, 9, 2, tzinfo=dt.UTC)),),
)


def test_of() -> None:
    """The loads of one resource: by the day they speak for, then by when they came."""
    assert [info.load_id for info in LOADS.of("list")] == ["first", "late", "second"]
    assert LOADS.of("none") == ()


def test_known_at() -> None:
    """What was known at an instant, that instant included; merges too."""
    known = LOADS.known_at(dt.datetime(2025, 7, 9, 2, tzinfo=dt.UTC))

    assert [info.load_id for info in known.infos] == ["second", "first", "other"]
    assert known.merges == LOADS.merges
    assert LOADS.known_at(dt.datetime(2025, 7, 9, 1, tzinfo=dt.UTC)).merges == ()


def test_the_quarantine_stands_beside() -> None:
    """One name leads to the other."""
    assert load("x", 1, 1).quarantine_path == "snapshots/list/x.quarantine.parquet"
