"""Matching a prepared file: the policies of the library together, chunk by chunk, as each by itself."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from engine import prepared
from engine.match import decide
from engine.prepared import MATCHES, PreparedMatch, match_prepared, write_matches
from engine.prepared_frames import read_profiles
from profiles.catalogue_reading import read_catalogue
from rules.compiled import compile_version
from rules.reading import read_policies
from tests.bench.matching import profiles_of

LIBRARY = Path(__file__).parents[2] / "rules" / "library"
ON = dt.date(2025, 11, 3)
COUNT = 600


@pytest.fixture(scope="module", params=["person", "enterprise"])
def match(request: pytest.FixtureRequest) -> PreparedMatch:
    """Return the shipped policies for one kind of subject."""
    catalogue = read_catalogue(LIBRARY / "catalogue")
    versions = read_policies(LIBRARY / "policies", catalogue)
    return PreparedMatch(catalogue, [each for each in versions if each.written.subject == request.param], ON)


def made_up(match: PreparedMatch) -> pl.DataFrame:
    """Return subjects with every fact that some policy reads."""
    codes = sorted(frozenset[str]().union(*(each.attributes for each in match.chosen)))
    return profiles_of([match.catalogue.attributes[code] for code in codes], COUNT).drop("day", "through")


def test_the_library_together_is_each_policy_by_itself(match: PreparedMatch) -> None:
    """Whether together, plainly, or all rows: who is met or unknown is what each version decides for everyone."""
    profiles = made_up(match)
    asked = profiles.lazy().with_columns(day=pl.lit(ON)).sort("subject_id")
    expected = pl.concat(
        decide(asked, compile_version(each)).select(pl.lit(each.policy).alias("policy"), *MATCHES.names()[1:])
        for each in match.chosen
    ).collect()

    found = match_prepared(profiles.lazy(), match, place="p")

    assert found.equals(expected.filter(pl.col("outcome") != "not_met"))
    assert found["outcome"].n_unique() == 2
    assert match_prepared(profiles.lazy(), match, place="p", is_plain=True).equals(found)
    assert match_prepared(profiles.lazy(), match, place="p", is_whole=True).equals(expected)


def test_neither_chunks_nor_codes_nor_the_order_of_rows_matter(
    match: PreparedMatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file whose texts are dictionaries, in another order and read in parts, gives the same bytes."""
    profiles = made_up(match)
    found = match_prepared(profiles.lazy(), match, place="p")
    texts = [name for name, dtype in profiles.schema.items() if dtype == pl.String and name != "subject_id"]
    coded = profiles.with_columns(pl.col(name).cast(pl.Enum(profiles[name].unique().drop_nulls())) for name in texts)
    path = tmp_path / "coded.parquet"
    coded.reverse().write_parquet(path, row_group_size=100)
    monkeypatch.setattr(prepared, "CHUNK_ROWS", 70)

    again = match_prepared(read_profiles(path), match, place="p")

    assert texts
    assert again.equals(found)


def test_the_parts_of_a_result_leave_no_trace(tmp_path: Path) -> None:
    """A file has the same bytes, however many parts its rows came in."""
    count = 200_000
    ids = pl.int_range(count, eager=True).cast(pl.String)
    one = pl.DataFrame([["p"], ["x"], ["met"], [["a"]], [["b", "c"]], [1]], schema=MATCHES)
    whole = one.select(pl.all().repeat_by(count).explode()).with_columns(subject_id=ids)
    parts = pl.concat([whole.slice(first, 7_777) for first in range(0, count, 7_777)])

    write_matches(whole, tmp_path / "whole")
    write_matches(parts, tmp_path / "parts")

    assert parts.n_chunks() > 20
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()


def test_a_file_without_rows(match: PreparedMatch) -> None:
    """Nobody is met, and the columns are there."""
    assert match_prepared(made_up(match).clear().lazy(), match, place="p").equals(MATCHES.to_frame())
