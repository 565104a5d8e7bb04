"""A night whose matching is done elsewhere, in parts: it comes to the same, to the last byte of its folder."""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.engines import matching_on
from core.clock import civil_day, civil_instant
from engine.policy_match import Matched, Matching, PolicyMatch, match_here
from engine.run import NightOptions, run_night
from engine.schedule import run_what_is_due
from engine.spark.cluster import Cluster, spark_session
from engine.spark.night_worker import matched
from engine.spark.nights import MatchedThere, SparkMatching, Spool, parts_of
from store.activations import published_versions
from tests.engine.spark.clusters import spark_is_needed
from tests.trial_world import trial_world
from tests.world import World, day

pytestmark = pytest.mark.xdist_group("spark")

HERE = Cluster("local[2]")


@dataclass(frozen=True)
class InParts:
    """Matching as workers do it, one part after the other, without Spark."""

    folder: Path

    def __call__(self, asked: Mapping[str, PolicyMatch], profiles: Mapping[str, pl.DataFrame]) -> Mapping[str, Matched]:
        """Match."""
        spool = Spool(self.folder / "told")
        for kind, frame in profiles.items():
            rules = pickle.dumps({policy: each for policy, each in asked.items() if each.kind == kind})
            for part in parts_of(frame, 17):
                spool.keep(matched(part.write_ipc(None).getvalue(), rules))
        return {policy: MatchedThere(policy, spool) for policy in asked}


def night(folder: Path, matching: Matching) -> tuple[str, Mapping[str, bytes], int]:
    """Run the first night of people's policies in a copy of the district: its digest, its folder, and its items."""
    with trial_world().open(folder) as deployment:
        with deployment.store.reading() as rx:
            policies = frozenset(each.policy for each in published_versions(rx))
        date = civil_day(deployment.clock.now())
        options = NightOptions(accepted=policies, matching=matching)
        report = run_night(deployment, date, options=options, progress=lambda _: None)
        kept = deployment.workspace.runs / date.isoformat()
        files = {each.name: each.read_bytes() for each in sorted(kept.iterdir())}
    return report.manifest_hash, files, sum(each.opened_count for each in report.policies)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Mapping[str, bytes], int]:
    """Return the night as one machine runs it."""
    return night(tmp_path_factory.mktemp("here") / "w", match_here)


def test_in_parts(here: object, tmp_path: Path) -> None:
    """Rules as data, profiles in parts of a few rows: the same digest and the same files."""
    assert night(tmp_path / "w", InParts(tmp_path)) == here


def test_on_spark(here: tuple[str, Mapping[str, bytes], int], tmp_path: Path) -> None:
    """On two cores of this machine, in more parts than cores: the same digest and the same files."""
    spark_is_needed()
    with spark_session(HERE) as spark:
        found = night(tmp_path / "w", SparkMatching(spark, HERE, tmp_path, part_rows=200))

    assert found == here
    assert here[2] > 100


def test_a_scheduled_night(tmp_path: Path) -> None:
    """Spark is started for the night that is due, and the night after it has it anew."""
    spark_is_needed()
    world = World.at(tmp_path / "w")
    world.people("abc")
    world.deliver(
        "cards",
        [{"who": "a", "等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}],
        on="2025-01-02",
    )
    world.rule(on="2025-01-03")
    opened_counts = []

    for date in ("2025-01-28", "2025-01-29"):
        world.clock.instant = civil_instant(day(date), 9)
        report = run_what_is_due(world.deployment, said=print, opened=lambda: matching_on(HERE))
        assert report is not None
        opened_counts.append(sum(each.opened_count for each in report.policies))

    world.store.close()
    assert opened_counts == [1, 0]


@given(st.lists(st.integers(1, 4), max_size=12), st.integers(1, 20))
def test_parts_hold_whole_units(lengths: list[int], rows: int) -> None:
    """Parts put together are the whole; no unit stands in two, and only a unit by itself makes a part too long."""
    ids = [f"s{unit:02}" for unit, count in enumerate(lengths) for _ in range(count)]
    profiles = pl.DataFrame({"subject_id": pl.Series(ids, dtype=pl.String)})

    parts = list(parts_of(profiles, rows))

    assert pl.concat(parts).equals(profiles)
    assert sum(part["subject_id"].n_unique() for part in parts) == len(lengths)
    assert all(part.height <= rows + 3 for part in parts)
