"""One delivered file in, one immutable load out.

`snapshots/<resource>/<load_id>.parquet` holds the accepted rows, sorted by `subject_id`, then `row_number`:
`subject_id`, `other_id` (if declared), `valid_from` and `valid_through` (spell) or `day` (event), `row_key`,
`operation` (increment: `upsert` or `withdraw`), every column that names nobody, by its declared name, and
`row_number`, 1 for the first row below the header. Open ends of spells are the first and the last day.
`….quarantine.parquet` holds a row per fault: `row_number`, `column`, `code`, and `subject_id` (`other_id`) of those of
whom the row would have told, null where nobody can tell or where the row only repeats another; with them the `row_key`
(if declared), by which a later increment mends the row. Beside both stand copies by key (`profiles.keyed_rows`).
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from core.clock import civil_day
from core.errors import MianshenError, ProfileError
from core.findings import Finding, Place, Severity
from core.ids import derive_id
from core.loads import LoadInfo
from profiles.catalogue import Delivery, Resource
from profiles.codes import ProfileCode
from profiles.completeness import assess_completeness
from profiles.data_dates import data_date_of
from profiles.identity import LoadRef, Vault
from profiles.load_files import discard, forget_copies, publish, staging
from profiles.passing import Passed, pass_rows
from profiles.querying import Query
from profiles.reading import open_delivered
from profiles.row_findings import check_findings, row_findings
from profiles.settling import Settler

KEYED_LOADS = 2  # of a resource, where each replaces the one before


class LoadRegister(Protocol):
    """Remembers which loads there are; `store.loads` does it."""

    def known(self, resource: str) -> list[LoadInfo]:
        """Return every load of a resource, in the order in which they were recorded."""

    def record(self, load: LoadInfo) -> None:
        """Remember a load; recording the same load again changes nothing."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What became of a delivered file.

    `is_new` is false where the same bytes were loaded before for the same day; `load` is then that load.
    """

    load: LoadInfo
    findings: tuple[Finding, ...]
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A delivery before its rows have been looked at."""

    resource: Resource
    data_date: dt.date
    loaded_at: dt.datetime
    digest: str
    file_name: str
    known: Sequence[LoadInfo]

    @property
    def same(self) -> list[LoadInfo]:
        """Return the loads of the same bytes for the same day."""
        return [info for info in self.known if (info.digest, info.data_date) == (self.digest, self.data_date)]

    @property
    def load_id(self) -> str:
        """Return the id that these bytes get, for this day and this time of asking."""
        day = self.data_date.isoformat()
        return derive_id("l", self.resource.resource, day, self.digest, str(len(self.same)))

    @property
    def before(self) -> LoadInfo | None:
        """Return the complete load that this one follows."""
        earlier = [info for info in self.known if info.is_complete and info.data_date <= self.data_date]
        return max(earlier, key=lambda info: (info.data_date, info.loaded_at), default=None)


def load_file(  # noqa: PLR0913  # all by name; each is a thing that a load depends on
    source: Path | Query,
    resource: Resource,
    *,
    vault: Vault,
    register: LoadRegister,
    snapshots: Path,
    loaded_at: dt.datetime,
    data_date: dt.date | None = None,
    sheet: str | None = None,
    is_confirmed: bool = False,
) -> LoadReport:
    """Load a delivered file, or the rows of a query.

    A person may confirm a file (`is_confirmed`): then a drop in its rows does not make it incomplete, and it is loaded
    once more although the same bytes were loaded before, so that it stands above what came in between.

    Shape: files as above, in place before the load is recorded; the same bytes for the same day give the same load.
    Fails: ProfileError where the file cannot be read as a table, fits its resource in no row, or cannot be written,
           and as the register does; nothing of it then stands in `snapshots`.
    """
    with open_delivered(source, resource, spool=snapshots, sheet=sheet) as delivered:
        day = data_date_of(source.name, data_date, today=civil_day(loaded_at))
        known = register.known(resource.resource)
        arrival = _Arrival(resource, day, loaded_at, delivered.digest, source.name, known)
        if arrival.same and not is_confirmed:
            return LoadReport(arrival.same[-1], (_known_already(arrival),), is_new=False)
        settler = Settler(resource, vault, LoadRef(arrival.load_id, resource.resource), loaded_at)
        with staging(snapshots / resource.resource, arrival.load_id) as aside:
            passed = pass_rows(delivered, settler, aside=aside, today=civil_day(loaded_at))
            findings = [
                *delivered.findings,
                *row_findings(source.name, passed.quarantine),
                *check_findings(source.name, passed.odd_checks, passed.hidden_count),
            ]
            if passed.row_count and passed.accepted.is_empty():
                raise ProfileError([_nothing_accepted(arrival), *findings])
            load = _describe(arrival, passed, snapshots.name, is_confirmed=is_confirmed)
            root = snapshots.parent
            frames = {root / load.quarantine_path: passed.quarantine, root / load.path: passed.accepted}
            publish(frames, aside)
    try:
        register.record(load)
    except MianshenError:
        discard(frames)
        raise
    if resource.delivery is not Delivery.INCREMENT:
        forget_copies(root / info.path for info in _outdated([*known, load]))
    return LoadReport(load, (*findings, *_load_findings(load, arrival)))


def _outdated(loads: Sequence[LoadInfo]) -> Sequence[LoadInfo]:
    """Return the loads that hardly anybody asks about one subject any more: days between two lists ask both of the last."""
    return sorted(loads, key=lambda info: (info.data_date, info.loaded_at))[:-KEYED_LOADS]


def _describe(arrival: _Arrival, passed: Passed, folder: str, *, is_confirmed: bool) -> LoadInfo:
    resource = arrival.resource
    completeness = assess_completeness(
        resource,
        row_count=passed.row_count,
        unreadable_count=passed.unreadable_count,
        regions_seen=_regions(passed.accepted, resource),
        before=None if is_confirmed else arrival.before,
    )
    return LoadInfo(
        load_id=arrival.load_id,
        resource=resource.resource,
        data_date=arrival.data_date,
        loaded_at=arrival.loaded_at,
        digest=arrival.digest,
        file_name=arrival.file_name,
        path=f"{folder}/{resource.resource}/{arrival.load_id}.parquet",
        row_count=passed.row_count,
        accepted_count=passed.accepted.height,
        quarantined_count=passed.row_count - passed.accepted.height,
        unreadable_count=passed.unreadable_count,
        is_complete=completeness.because is None,
        incomplete_because=completeness.because,
        regions_missing=completeness.regions_missing,
    )


def _regions(accepted: pl.DataFrame, resource: Resource) -> list[str]:
    """Return the regions that a load speaks for; all that it should where no column tells."""
    if resource.regions.column is None:
        return list(resource.regions.expects)
    return accepted[resource.regions.column].drop_nulls().unique().to_list()


def _known_already(arrival: _Arrival) -> Finding:
    message = f"the same content was loaded before for {arrival.data_date}, as `{arrival.same[-1].load_id}`"
    help_line = "nothing was done; confirm the file if it has to stand above later loads"
    return Finding(ProfileCode.KNOWN_ALREADY, Place(arrival.file_name), message, help_line, Severity.WARNING)


def _nothing_accepted(arrival: _Arrival) -> Finding:
    message = f"no row fits the resource `{arrival.resource.resource}`; nothing was loaded"
    help_line = "check that the file belongs to it, then the other faults"
    return Finding(ProfileCode.NOTHING_ACCEPTED, Place(arrival.file_name), message, help_line)


def _load_findings(load: LoadInfo, arrival: _Arrival) -> Iterator[Finding]:
    """Give warnings about the load as a whole."""
    place = Place(load.file_name)
    if load.incomplete_because is not None:
        message = f"incomplete, absence from it tells nothing: {load.incomplete_because}"
        help_line = "ask the department; if the file is right, load it again and confirm it"
        yield Finding(ProfileCode.FEW_ROWS, place, message, help_line, Severity.WARNING)
    if load.regions_missing:
        message = "no rows for " + ", ".join(f"`{code}`" for code in load.regions_missing)
        help_line = "absence tells nothing there; ask for these regions"
        count = len(load.regions_missing)
        yield Finding(ProfileCode.REGIONS_MISSING, place, message, help_line, Severity.WARNING, count)
    latest = max((info.data_date for info in arrival.known), default=load.data_date)
    if latest > load.data_date:
        message = f"it speaks for {load.data_date}, though {latest} is loaded already"
        help_line = "earlier days are answered anew; check the day if that is not meant"
        yield Finding(ProfileCode.OUT_OF_ORDER, place, message, help_line, Severity.WARNING)
