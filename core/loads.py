"""What was delivered and when: the records of loads and of merged subjects."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LoadInfo:
    """One immutable load of one resource.

    `data_date` is the day it speaks for, `loaded_at` the instant (UTC) when we learned it. `path` is
    relative to the workspace. `unreadable_count` rows had no readable key, so nobody knows whom they
    concern. An incomplete load answers for those it lists; absence from it tells nothing.
    """

    load_id: str
    resource: str
    data_date: dt.date
    loaded_at: dt.datetime
    digest: str
    file_name: str
    path: str
    row_count: int
    accepted_count: int
    quarantined_count: int
    unreadable_count: int
    is_complete: bool
    incomplete_because: str | None = None
    regions_missing: tuple[str, ...] = ()

    @property
    def quarantine_path(self) -> str:
        """Return where the quarantined rows are kept, relative to the workspace."""
        return self.path.removesuffix(".parquet") + ".quarantine.parquet"


@dataclass(frozen=True, slots=True)
class Merge:
    """Two subjects found to be one; from `at` on, `from_id` is `to_id`."""

    from_id: str
    to_id: str
    at: dt.datetime


@dataclass(frozen=True)
class Loads:
    """Everything delivered to a workspace, whoever knows it when."""

    root: Path
    infos: tuple[LoadInfo, ...]
    merges: tuple[Merge, ...] = ()

    def known_at(self, instant: dt.datetime) -> "Loads":
        """Return what was known at an instant; itself where nothing came later."""
        dated = (*(info.loaded_at for info in self.infos), *(merge.at for merge in self.merges))
        if all(each <= instant for each in dated):
            return self
        return Loads(
            self.root,
            tuple(info for info in self.infos if info.loaded_at <= instant),
            tuple(merge for merge in self.merges if merge.at <= instant),
        )

    def of(self, resource: str) -> tuple[LoadInfo, ...]:
        """Return the loads of one resource, by data date, then by the instant they came."""
        return self._by_resource.get(resource, ())

    @cached_property
    def _by_resource(self) -> dict[str, tuple[LoadInfo, ...]]:
        found: defaultdict[str, list[LoadInfo]] = defaultdict(list)
        for info in sorted(self.infos, key=lambda info: (info.data_date, info.loaded_at, info.load_id)):
            found[info.resource].append(info)
        return {resource: tuple(own) for resource, own in found.items()}
