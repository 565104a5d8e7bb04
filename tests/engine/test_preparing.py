"""A prepared frame says what the frame said, in a form of which one subject is read without the others."""

import datetime as dt
import struct
from pathlib import Path

import polars as pl
import pytest
from polars import selectors as cs

from core.errors import RunError
from engine.codes import RunCode
from engine.prepared import PreparedMatch, match_prepared
from engine.preparing import GROUP_ROWS, TEXTS_MAX, prepare_file
from profiles.catalogue_reading import read_catalogue
from rules.reading import read_policies
from tests.bench.matching import profiles_of

LIBRARY = Path(__file__).parents[2] / "rules" / "library"
MILLION = 1_000_000


def test_a_prepared_frame_says_the_same(tmp_path: Path) -> None:
    """Every value is what it was, unknown too; texts are dictionaries, numbers narrow, and subjects in order."""
    profiles = pl.DataFrame(
        {
            "subject_id": ["c", "a", "d", "b"],
            "kind": ["乙", None, "甲", "乙"],
            "level": pl.Series([1, None, -128, 127], dtype=pl.Int64),
            "turnover": pl.Series([10**12, -5, None, 0], dtype=pl.Int64),
            "headcount": pl.Series([40_000, 3, 4, 5], dtype=pl.UInt64),
            "since": [dt.date(2025, 1, 1), None, dt.date(1900, 1, 1), dt.date(2099, 12, 31)],
            "is_open": [True, False, None, True],
            "never": pl.Series([None] * 4, dtype=pl.String),
        }
    )
    profiles.write_parquet(tmp_path / "profiles.parquet")

    told = prepare_file(tmp_path / "profiles.parquet", tmp_path / "prepared.parquet")

    prepared = pl.read_parquet(tmp_path / "prepared.parquet")
    assert prepared.cast(profiles.schema).equals(profiles.sort("subject_id"))
    assert prepared.schema == {
        **profiles.schema,
        "kind": pl.Enum(["乙", "甲"]),
        "level": pl.Int8(),
        "headcount": pl.Int32(),
        "never": pl.Enum([]),
    }
    assert (told.subject_count, told.column_count, told.dictionary_count, told.narrowed_count) == (4, 8, 2, 2)


def test_the_order_of_rows_and_how_texts_were_held_do_not_matter(tmp_path: Path) -> None:
    """The same facts give the same bytes; and preparing twice changes nothing."""
    profiles = pl.DataFrame({"subject_id": ["a", "b", "c"], "kind": ["x", "y", "x"], "level": [1, 2, 300]})
    coded = profiles.reverse().with_columns(pl.col("kind").cast(pl.Categorical), pl.col("level").cast(pl.Int16))
    bytes_of = []
    for frame in (profiles, profiles.reverse(), coded):
        frame.write_parquet(tmp_path / "profiles.parquet")
        prepare_file(tmp_path / "profiles.parquet", tmp_path / "prepared.parquet")
        bytes_of.append((tmp_path / "prepared.parquet").read_bytes())

    prepare_file(tmp_path / "prepared.parquet", tmp_path / "prepared.parquet")

    assert bytes_of == [(tmp_path / "prepared.parquet").read_bytes()] * 3


@pytest.mark.parametrize("count", [0, 1, TEXTS_MAX * 2])
def test_any_number_of_subjects(tmp_path: Path, count: int) -> None:
    """None, one, and so many that what identifies each stays a text."""
    names = pl.int_range(count, eager=True).cast(pl.String)
    pl.DataFrame({"subject_id": names, "name": names}).write_parquet(tmp_path / "profiles.parquet")

    told = prepare_file(tmp_path / "profiles.parquet", tmp_path / "prepared.parquet")

    assert (told.subject_count, told.dictionary_count) == (count, int(count <= TEXTS_MAX))
    assert pl.read_parquet(tmp_path / "prepared.parquet").height == count


def test_one_subject_is_read_from_one_row_group(tmp_path: Path) -> None:
    """Of a million rows, everything but a stretch shorter than two row groups may be spoilt, and one subject is still read."""
    ids = pl.int_range(MILLION, eager=True).cast(pl.String).str.zfill(7)
    facts = {f"number_{place}": (ids.hash(seed=place) % 1_000_000).cast(pl.Int64) for place in range(4)}
    pl.DataFrame({"subject_id": ids, **facts}).write_parquet(tmp_path / "profiles.parquet")
    path = tmp_path / "prepared.parquet"
    prepare_file(tmp_path / "profiles.parquet", path)
    whose = f"{10 * GROUP_ROWS + GROUP_ROWS // 2:07}"  # in the middle of the eleventh of twenty
    one = pl.scan_parquet(path).filter(pl.col("subject_id") == whose)
    sound = one.collect()
    content = bytearray(path.read_bytes())
    footer = len(content) - 8 - struct.unpack("<I", content[-8:-4])[0]
    group = footer * GROUP_ROWS // MILLION
    first, last = 10 * group - group // 3, 11 * group + group // 3
    content[4:first] = b"\xff" * (first - 4)
    content[last:footer] = b"\xff" * (footer - last)
    path.write_bytes(content)

    read = one.collect()

    assert read.equals(sound)
    assert read["number_2"].to_list() == [facts["number_2"][int(whose)]]
    with pytest.raises(pl.exceptions.PolarsError):
        pl.read_parquet(path)


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"subject_id": ["a", None], "level": [1, 2]}, "1 rows name no subject"),
        ({"subject_id": ["a", "b", "a"]}, "1 rows name a subject that a row before them names"),
        ({"subject": ["a"]}, "the frame has no column `subject_id`"),
    ],
)
def test_a_frame_that_does_not_name_its_subjects_is_refused(
    tmp_path: Path, columns: dict[str, list[object]], fault: str
) -> None:
    """Nobody is matched under no name, or twice."""
    pl.DataFrame(columns).write_parquet(tmp_path / "profiles.parquet")

    with pytest.raises(RunError, match=fault) as caught:
        prepare_file(tmp_path / "profiles.parquet", tmp_path / "prepared.parquet")

    assert caught.value.findings[0].code is RunCode.FRAME_COLUMN
    assert not (tmp_path / "prepared.parquet").exists()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """What cannot be written is told, and nothing is left behind."""
    pl.DataFrame({"subject_id": ["a"], "level": [1]}).write_parquet(tmp_path / "profiles.parquet")

    with pytest.raises(RunError, match="cannot be written: No such file or directory"):
        prepare_file(tmp_path / "profiles.parquet", tmp_path / "none" / "prepared.parquet")

    assert [path.name for path in tmp_path.iterdir()] == ["profiles.parquet"]


def test_either_file_gives_the_same_matches(tmp_path: Path) -> None:
    """The shipped policies say the same of a frame and of what was prepared from it, amounts too, though sums outgrow its columns."""
    catalogue = read_catalogue(LIBRARY / "catalogue")
    versions = [each for each in read_policies(LIBRARY / "policies", catalogue) if each.written.subject == "enterprise"]
    match = PreparedMatch(catalogue, versions, dt.date(2025, 11, 3))
    codes = sorted(frozenset[str]().union(*(each.attributes for each in match.chosen)))
    profiles = profiles_of([catalogue.attributes[code] for code in codes], 300).drop("day", "through")
    small = profiles.with_columns(cs.integer() % 120)
    small.write_parquet(tmp_path / "profiles.parquet")
    prepare_file(tmp_path / "profiles.parquet", tmp_path / "prepared.parquet")
    prepared = pl.scan_parquet(tmp_path / "prepared.parquet")

    found = match_prepared(prepared, match, place="p")

    assert pl.Int8 in prepared.collect_schema().dtypes()
    assert found.equals(match_prepared(small.lazy(), match, place="p"))
