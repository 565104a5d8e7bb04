"""A copy of a load by key: the same rows as the load, in its order, and nothing where there is none."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.loads import LoadInfo, Loads
from profiles.asking_rows import Shelf
from profiles.keyed_rows import keyed_path, keyed_rows, write_keyed
from profiles.load_files import publish, staging

IDS = ["s_a", "s_b", "s_c", "s_'; drop table load_row"]
SCHEMA = {
    "subject_id": pl.String,
    "other_id": pl.String,
    "valid_from": pl.Date,
    '等级 "甲"': pl.String,
    "在职": pl.Boolean,
    "金额": pl.Int64,
    "row_key": pl.String,
    "row_number": pl.UInt32,
}
ids = st.sampled_from(IDS) | st.none()
days = st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)) | st.none()
rows = st.tuples(
    ids,
    ids,
    days,
    st.text(st.characters(exclude_categories=["Cs"])) | st.none(),
    st.booleans() | st.none(),
    st.integers(-(2**63), 2**63 - 1) | st.none(),
    st.sampled_from(["k1", "k2"]),
)


def load(tmp_path: Path, frame: pl.DataFrame) -> LoadInfo:
    """Put a load in place."""
    with staging(tmp_path / "snapshots", "l_1") as aside:
        publish({tmp_path / "snapshots" / "l_1.parquet": frame}, aside)
    now = dt.datetime(2025, 1, 2, tzinfo=dt.UTC)
    counts = (frame.height, frame.height, 0, 0)
    return LoadInfo("l_1", "cards", now.date(), now, "d", "f.csv", "snapshots/l_1.parquet", *counts, is_complete=True)


@given(
    st.lists(rows, max_size=12), st.sampled_from(["subject_id", "other_id", "row_key"]), st.sets(st.sampled_from(IDS))
)
def test_a_copy_gives_what_the_load_gives(
    tmp_path_factory: pytest.TempPathFactory, listed: list[tuple[object, ...]], key: str, wanted: set[str]
) -> None:
    """Every type, every null, hostile names and texts, any key: equal to a scan, row by row."""
    folder = tmp_path_factory.mktemp("keyed")
    numbered = [(*row, number) for number, row in enumerate(listed)]
    frame = pl.DataFrame(numbered, schema=SCHEMA, orient="row")
    write_keyed(frame, keyed_path(folder / "l.parquet"))

    expected = frame.filter(pl.col(key).is_in(sorted(wanted))).to_dicts()

    assert keyed_rows(folder / "l.parquet", key, wanted) == expected


def test_without_a_copy_the_load_is_read(tmp_path: Path) -> None:
    """A load without its copy answers the same; a column that it does not have names nobody."""
    frame = pl.DataFrame(
        {"subject_id": ["s_a", "s_b"], "valid_from": [dt.date(2025, 1, 1), None], "row_number": [1, 2]}
    )
    info = load(tmp_path, frame)
    loads, path = Loads(tmp_path, (info,)), tmp_path / info.path
    with_copy = Shelf(loads).rows(info, "subject_id", frozenset({"s_a"}))
    keyed_path(path).unlink()

    assert keyed_rows(path, "subject_id", {"s_a"}) is None
    assert Shelf(loads).rows(info, "subject_id", frozenset({"s_a"})) == with_copy == frame.head(1).to_dicts()
    assert Shelf(loads).rows(info, "other_id", frozenset({"s_a"})) == []


def test_a_copy_is_never_written(tmp_path: Path) -> None:
    """Who reads a copy leaves neither a journal nor another byte beside it."""
    info = load(tmp_path, pl.DataFrame({"subject_id": ["s_a"], "row_number": [1]}))
    path = tmp_path / info.path
    before = {each.name: each.read_bytes() for each in path.parent.iterdir() if each.is_file()}

    keyed_rows(path, "subject_id", {"s_a"})

    assert {each.name: each.read_bytes() for each in path.parent.iterdir() if each.is_file()} == before
    assert sorted(before) == ["l_1.keyed", "l_1.parquet"]
