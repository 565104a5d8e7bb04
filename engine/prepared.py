"""Matching on a prepared frame: the night's own matcher on any file with one row per subject.

For machines that assemble profiles elsewhere, and for a quick look at what a rule would say.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars import selectors as cs

from core.errors import RunError
from core.findings import Finding, Place, nearest_help
from core.values import FactType
from engine.codes import RunCode
from engine.match import decide
from engine.planes import MET, UNKNOWN, Matcher
from profiles.catalogue import Catalogue
from profiles.catalogue_reading import read_catalogue
from rules.bound import RuleVersion
from rules.compiled import compile_version
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


def read_profiles(path: Path) -> pl.LazyFrame:
    """Return a prepared frame.

    Fails: RunError where the file cannot be read, or has no `subject_id`, or names one twice.
    """
    place = Place(path.name)
    try:
        frame = pl.scan_parquet(path)
        names = frame.collect_schema().names()
        if "subject_id" not in names:
            message = "the frame has no column `subject_id`"
            raise RunError([Finding(RunCode.FRAME_COLUMN, place, message, nearest_help("subject_id", names, "column"))])
        twice = frame.select(pl.col("subject_id").is_duplicated().sum()).collect().item()
    except FileNotFoundError as fault:
        raise RunError.one(RunCode.FRAME_UNREADABLE, place, "there is no such file", "check its name") from fault
    except (OSError, pl.exceptions.PolarsError) as fault:
        message = "the file cannot be read as Parquet"
        raise RunError([Finding(RunCode.FRAME_UNREADABLE, place, message, "write it with Parquet")]) from fault
    if twice:
        message = f"{twice:,} rows name a subject that another row names too"
        raise RunError([Finding(RunCode.FRAME_COLUMN, place, message, "give one row per subject", count=twice)])
    return frame


def match_prepared(
    profiles: pl.LazyFrame, match: PreparedMatch, *, place: str, is_whole: bool = False, is_plain: bool = False
) -> pl.DataFrame:
    """Return the outcome of every chosen policy whose attributes the frame has, for every subject.

    Shape: one row per subject in, with `subject_id` and columns named by attribute code; `MATCHES` out, by policy and
           subject: rows that are met or unknown, or every row where `is_whole`.
    Nulls: null in a column is unknown.
    Fails: RunError where a policy reads a column that the frame lacks or holds in another type.
    Memory: a chunk of the frame, and the result. `is_plain` asks each policy by itself, for comparison.
    """
    schema = profiles.collect_schema()
    chosen = match.chosen
    faults = [fault for version in chosen for fault in _column_faults(match.catalogue, version, schema, place)]
    if faults:
        raise RunError(faults)
    compiled = {version.policy: compile_version(version) for version in chosen}
    matcher = Matcher.of({policy: tuple(own.nodes.values()) for policy, own in compiled.items()}, is_plain=is_plain)
    read = sorted(frozenset[str]().union(*(own.reads for own in compiled.values())))
    asked = profiles.select("subject_id", *read).with_columns(day=pl.lit(match.on))
    told: dict[str, list[pl.DataFrame]] = {policy: [] for policy in compiled}
    for chunk in _chunks(asked):
        planes = None if is_whole else matcher.match(chunk, (MET, UNKNOWN))
        texts = chunk.with_columns((cs.enum() | cs.categorical()).cast(pl.String))
        for policy, own in compiled.items():
            whose = texts if planes is None else texts.filter(planes[f"{MET}:{policy}"] | planes[f"{UNKNOWN}:{policy}"])
            told[policy].append(decide(whose.lazy(), own).collect())
    parts = [
        pl.concat(each).sort("subject_id").select(pl.lit(policy).alias("policy"), *MATCHES.names()[1:])
        for policy, each in told.items()
        if each
    ]
    return pl.concat(parts).cast(MATCHES) if parts else MATCHES.to_frame()


def _chunks(profiles: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """Give a frame part by part, its rows in their order."""
    count = profiles.select(pl.len()).collect().item()
    for first in range(0, count, CHUNK_ROWS):
        yield profiles.slice(first, CHUNK_ROWS).collect()


def match_file(  # all by name
    profiles: Path,
    catalogue: Path,
    policies: Path,
    *,
    on: dt.date,
    out: Path,
    is_whole: bool = False,
    is_plain: bool = False,
) -> dict[str, dict[str, int]]:
    """Match a prepared file and write the outcomes to another; return how many there are, by policy and outcome.

    Fails: as `read_profiles` and `match_prepared`; RunError where the result cannot be written, and then there is none.
    """
    vocabulary = read_catalogue(catalogue)
    match = PreparedMatch(vocabulary, read_policies(policies, vocabulary), on)
    matches = match_prepared(read_profiles(profiles), match, place=profiles.name, is_whole=is_whole, is_plain=is_plain)
    beside = out.with_name(f".{out.name}.writing")
    try:
        matches.write_parquet(beside)
        beside.replace(out)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        message = f"the result cannot be written: {fault.strerror}"
        raise RunError.one(RunCode.FRAME_UNREADABLE, out.name, message, "name a folder that may be written") from fault
    counts: dict[str, dict[str, int]] = {version.policy: {} for version in match.chosen}
    for policy, outcome, count in matches.group_by("policy", "outcome").len().iter_rows():
        counts[policy][outcome] = count
    return counts


def _column_faults(catalogue: Catalogue, version: RuleVersion, schema: pl.Schema, place: str) -> list[Finding]:
    findings = []
    for code in sorted(version.attributes):
        expected = catalogue.attributes[code].fact_type
        if code not in schema:
            message = f"`{version.policy}` reads `{code}`, which the frame does not have"
            help_line = nearest_help(code, schema.names(), "column") or "add the column; null is unknown"
            findings.append(Finding(RunCode.FRAME_COLUMN, Place(place), message, help_line))
        elif not _fits(schema[code], expected):
            message = f"`{code}`: expected {expected.dtype}, found {schema[code]}"
            findings.append(Finding(RunCode.FRAME_COLUMN, Place(place), message, "money is whole fen, never a float"))
    return findings


def _fits(found: pl.DataType, expected: FactType) -> bool:
    if expected.is_numeric:
        return found.is_integer()
    return found == expected.dtype or (expected.dtype == pl.String and isinstance(found, pl.Enum | pl.Categorical))
