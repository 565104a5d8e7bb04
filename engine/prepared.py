"""Matching on a prepared frame: the night's own matcher on any file with one row per subject.

For machines that assemble profiles elsewhere, and for a quick look at what a rule would say. Here on this machine, chunk by
chunk; `engine.spark` has many machines ask the same `Kernel`.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl
from polars import selectors as cs

from engine.match import decide
from engine.planes import MET, UNKNOWN, Matcher
from engine.prepared_frames import (
    SUBJECT,
    check_columns,
    check_names_subjects,
    check_subjects,
    no_such_subject,
    read_profiles,
    readable,
    unwritable,
)
from profiles.catalogue import Catalogue
from profiles.catalogue_reading import read_catalogue
from rules.bound import RuleVersion
from rules.compiled import CompiledVersion, compile_version
from rules.polars_expressions import DAY
from rules.reading import read_policies

CHUNK_ROWS = 250_000

MATCHES = pl.Schema(
    {
        "policy": pl.String(),
        "subject_id": pl.String(),
        "outcome": pl.Enum(["met", "not_met", "unknown"]),
        "failing": pl.List(pl.String()),
        "missing": pl.List(pl.String()),
        "amount_fen": pl.Int64(),
    }
)
"""What a prepared match gives, one row per policy and subject."""

Counts = dict[str, dict[str, int]]
"""How many outcomes there are, by policy and outcome."""


@dataclass(frozen=True)
class Kernel:
    """What is asked of the rows of a prepared frame: rules as data, which go to another machine as they are.

    `is_whole`: rows that are not met are told too. `is_plain`: each policy is asked by itself, for comparison.
    """

    on: dt.date
    compiled: Mapping[str, CompiledVersion]
    is_whole: bool = False
    is_plain: bool = False

    @cached_property
    def matcher(self) -> Matcher:
        """Return the policies compiled together."""
        return Matcher.of(
            {policy: tuple(own.nodes.values()) for policy, own in self.compiled.items()}, is_plain=self.is_plain
        )

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """Return the codes of the attributes that some policy reads, in order."""
        return tuple(sorted(frozenset[str]().union(*(own.reads for own in self.compiled.values()))))

    def asked(self, profiles: pl.LazyFrame) -> pl.LazyFrame:
        """Return the columns of a frame that are asked about."""
        return profiles.select(pl.col(SUBJECT).cast(pl.String), *self.reads)

    def decided(self, chunk: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """Decide every policy for some rows of a frame.

        Shape: columns of `asked` in; by policy `MATCHES` without the policy out, in the order of the rows; nothing of
               a policy that has nothing to tell.
        """
        dated = chunk.with_columns(day=pl.lit(self.on))
        planes = None if self.is_whole else self.matcher.match(dated, (MET, UNKNOWN))
        told = dict[str, pl.DataFrame]()
        for policy, own in self.compiled.items():
            asked = dated.select(SUBJECT, DAY, *sorted(own.reads))
            if planes is not None:
                asked = asked.filter(planes[f"{MET}:{policy}"] | planes[f"{UNKNOWN}:{policy}"])
            if not asked.is_empty():
                read = asked.lazy().with_columns((cs.enum() | cs.categorical()).cast(pl.String))
                told[policy] = decide(read, own).select(MATCHES.names()[1:]).collect()
        return told


@dataclass(frozen=True, slots=True)
class PreparedMatch:
    """What to match: the versions whose written days hold `on`, the newest of each policy."""

    catalogue: Catalogue
    versions: Sequence[RuleVersion]
    on: dt.date

    @property
    def chosen(self) -> list[RuleVersion]:
        """Return one version per policy."""
        standing = {}
        for version in sorted(self.versions, key=lambda each: (each.policy, each.written.valid_from, each.version)):
            through = version.written.valid_through
            if version.written.valid_from <= self.on and (through is None or self.on <= through):
                standing[version.policy] = version
        return list(standing.values())

    def kernel(self, *, is_whole: bool = False, is_plain: bool = False) -> Kernel:
        """Return what is asked of every row."""
        compiled = {version.policy: compile_version(version) for version in self.chosen}
        return Kernel(self.on, compiled, is_whole, is_plain)


def read_match(catalogue: Path, policies: Path, on: dt.date) -> PreparedMatch:
    """Return what to match, from a catalogue's folder and a folder of rule versions.

    Fails: ProfileError and RuleError where one is not in order.
    """
    vocabulary = read_catalogue(catalogue)
    return PreparedMatch(vocabulary, read_policies(policies, vocabulary), on)


def match_prepared(
    profiles: pl.LazyFrame, match: PreparedMatch, *, place: str, is_whole: bool = False, is_plain: bool = False
) -> pl.DataFrame:
    """Return the outcome of every chosen policy whose attributes the frame has, for every subject.

    Shape: one row per subject in, with `subject_id` and columns named by attribute code; `MATCHES` out, by policy and
           subject: rows that are met or unknown, or every row where `is_whole`.
    Nulls: null in a column is unknown.
    Fails: RunError where a policy reads a column that the frame lacks or holds in another type, or where a row names no
           subject, or one that another names.
    Memory: a chunk of the frame, and the result. `is_plain` asks each policy by itself, for comparison.
    """
    with readable(place):
        check_columns(match.catalogue, match.chosen, profiles.collect_schema(), place)
        subject = pl.col(SUBJECT)
        twice = (subject.is_duplicated() & subject.is_not_null()).sum()
        check_subjects(place, **profiles.select(twice=twice, nobody=subject.null_count()).collect().row(0, named=True))
    kernel = match.kernel(is_whole=is_whole, is_plain=is_plain)
    told: dict[str, list[pl.DataFrame]] = {policy: [] for policy in kernel.compiled}
    for part in _decided(kernel, profiles):
        for policy, decided in part.items():
            told[policy].append(decided)
    parts = [
        pl.concat(each).sort(SUBJECT).select(pl.lit(policy).alias("policy"), *MATCHES.names()[1:])
        for policy, each in told.items()
        if each
    ]
    return pl.concat(parts).cast(MATCHES) if parts else MATCHES.to_frame()


def _decided(kernel: Kernel, profiles: pl.LazyFrame) -> Iterator[dict[str, pl.DataFrame]]:
    """Decide every policy for a frame part by part, its rows in their order; a part is let go before the next is read."""
    asked, count = kernel.asked(profiles), profiles.select(pl.len()).collect().item()
    for first in range(0, count, CHUNK_ROWS):
        yield kernel.decided(asked.slice(first, CHUNK_ROWS).collect())


def match_file(
    profiles: Path,
    match: PreparedMatch,
    *,
    out: Path,
    subject_id: str | None = None,
    is_whole: bool = False,
    is_plain: bool = False,
) -> Counts:
    """Match a prepared frame, or one subject of it, and write the outcomes to a file; return how many there are.

    Fails: as `read_profiles` and `match_prepared`; RunError where there is no such subject, or where the result cannot be
           written, and then there is none.
    """
    frame = read_profiles(profiles)
    if subject_id is not None:
        frame = _of_one(frame, subject_id, place=profiles.name)
    matches = match_prepared(frame, match, place=profiles.name, is_whole=is_whole, is_plain=is_plain)
    write_matches(matches, out)
    return counted(match, matches)


def _of_one(profiles: pl.LazyFrame, subject_id: str, *, place: str) -> pl.LazyFrame:
    """Return the row of one subject; of a frame in the order of its subjects little more is read.

    Fails: RunError where there is none.
    """
    with readable(place):
        check_names_subjects(profiles.collect_schema(), place)
        rows = profiles.filter(pl.col(SUBJECT) == subject_id).collect()
    if rows.is_empty():
        raise no_such_subject(place, subject_id)
    return rows.lazy()


def write_matches(matches: pl.DataFrame, out: Path) -> None:
    """Write a result to a file, whole or not at all; the same bytes from whatever parts it was put together.

    Fails: RunError.
    """
    beside = out.with_name(f".{out.name}.writing")
    try:
        matches.rechunk().write_parquet(beside)  # pages of a file follow the chunks of a frame
        beside.replace(out)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        raise unwritable(out.name, str(fault.strerror)) from fault


def counted(match: PreparedMatch, matches: pl.DataFrame) -> Counts:
    """Return how many outcomes there are, by policy and outcome; every policy that was asked is there."""
    counts: Counts = {version.policy: {} for version in match.chosen}
    for policy, outcome, count in matches.group_by("policy", "outcome").len().sort("policy", "outcome").iter_rows():
        counts[policy][outcome] = count
    return counts
