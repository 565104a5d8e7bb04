"""Prepared frames: Parquet with one row per subject, and what has to be right with one before it is matched.

A frame is one file or a folder of them, and the files alone say what it holds: names of folders say nothing.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import polars as pl

from core.errors import RunError
from core.findings import Finding, Place, nearest_help
from core.values import FactType
from engine.codes import RunCode
from profiles.catalogue import Catalogue
from rules.bound import RuleVersion

SUBJECT = "subject_id"
HIDDEN = ("_", ".")  # how names begin that are no part of a frame: marks of success, and what is being written

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)


def is_address(text: str) -> bool:
    """Say whether a frame is named by an address (`hdfs://…`, `s3a://…`, `file:…`) and not by a path of this machine."""
    return _ADDRESS.match(text) is not None


def check_paths(*names: str) -> None:
    """Check that this machine finds a frame where it is named.

    Fails: RunError.
    """
    for name in names:
        if is_address(name):
            message = f"`{name}` is an address, which Spark alone knows"
            raise RunError.one(
                RunCode.FRAME_UNREADABLE, name, message, "name a path of this machine, or match with `--engine spark`"
            )


def is_part(inside: PurePosixPath) -> bool:
    """Say whether a file is a part of the frame that its folder is, by its path inside of it."""
    return inside.suffix == ".parquet" and not any(part.startswith(HIDDEN) for part in inside.parts)


@contextmanager
def readable(place: str) -> Iterator[None]:
    """Read a frame within.

    Fails: RunError where it cannot be read.
    """
    try:
        yield
    except FileNotFoundError as fault:
        raise nothing_there(place) from fault
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise unreadable(place) from fault


def nothing_there(place: str) -> RunError:
    """Return what is wrong where a frame is named that there is not."""
    return RunError.one(RunCode.FRAME_UNREADABLE, place, "there is no such file", "check its name")


def unreadable(place: str) -> RunError:
    """Return what is wrong with a file that is not Parquet."""
    return RunError.one(RunCode.FRAME_UNREADABLE, place, "the file cannot be read as Parquet", "write it with Parquet")


def empty_folder(place: str) -> RunError:
    """Return what is wrong with a folder that no Parquet file is in."""
    message = "there is no Parquet file in this folder"
    return RunError.one(RunCode.FRAME_UNREADABLE, place, message, "their names end in `.parquet`")


def other_columns(place: str, first: str) -> RunError:
    """Return what is wrong with a file of a frame whose columns are not those of the first."""
    message = f"its columns, or their types, are not those of `{first}`"
    return RunError.one(RunCode.FRAME_COLUMN, place, message, "write all files of a frame with the same columns")


def no_such_subject(place: str, subject_id: str) -> RunError:
    """Return what is wrong where one subject is asked for that no row names."""
    message = f"no row names the subject `{subject_id}`"
    return RunError.one(RunCode.FRAME_COLUMN, place, message, "check the id: it is the opaque one of the frame")


def unwritable(place: str, reason: str) -> RunError:
    """Return what is wrong where a result cannot be written."""
    message, help_line = f"the result cannot be written: {reason}", "name a folder that may be written"
    return RunError.one(RunCode.FRAME_UNREADABLE, place, message, help_line)


def read_profiles(path: Path) -> pl.LazyFrame:
    """Return a prepared frame: a Parquet file, or all of those in a folder and in the folders within.

    Fails: RunError where one cannot be read, or has other columns than the first.
    """
    with readable(path.name):
        files = _files(path)
        first, *others = [pl.read_parquet_schema(each) for each in files]
        for file, schema in zip(files[1:], others, strict=True):
            if schema != first:
                raise other_columns(file.name, files[0].name)
        return pl.scan_parquet(files, glob=False, hive_partitioning=False)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.rglob("*.parquet") if is_part(PurePosixPath(each.relative_to(path))))
    if not found:
        raise empty_folder(path.name)
    return found


def check_names_subjects(schema: pl.Schema, place: str) -> None:
    """Check that a frame has the column that names its subjects.

    Fails: RunError.
    """
    names = schema.names()
    if SUBJECT not in names:
        help_line = nearest_help(SUBJECT, names, "column")
        raise RunError.one(RunCode.FRAME_COLUMN, place, f"the frame has no column `{SUBJECT}`", help_line)


def check_columns(catalogue: Catalogue, versions: Sequence[RuleVersion], schema: pl.Schema, place: str) -> None:
    """Check that a frame names its subjects, and has what versions read in the type that the catalogue says.

    Fails: RunError.
    """
    check_names_subjects(schema, place)
    faults = [fault for version in versions for fault in _column_faults(catalogue, version, schema, place)]
    if faults:
        raise RunError(faults)


def check_subjects(place: str, *, twice: int, nobody: int) -> None:
    """Check that of the rows of a frame each names a subject, and none one that another names too.

    Fails: RunError; by how many rows do not.
    """
    told = {
        f"{nobody:,} rows name no subject": nobody,
        f"{twice:,} rows name a subject that another row names too": twice,
    }
    findings = [
        Finding(RunCode.FRAME_COLUMN, Place(place), message, "give one row per subject", count=count)
        for message, count in told.items()
        if count
    ]
    if findings:
        raise RunError(findings)


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
