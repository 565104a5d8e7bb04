"""What was known at an instant, ready to be asked about one subject after the other."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from core.loads import Loads
from profiles.area_codes import areas_by_stem
from profiles.catalogue import Catalogue, Resource
from profiles.merging import present_ids


@dataclass(frozen=True)
class Known:
    """The vocabulary and every load and merge known at an instant; what follows from them is worked out once."""

    catalogue: Catalogue
    loads: Loads
    _areas: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def at(cls, catalogue: Catalogue, loads: Loads, instant: dt.datetime) -> Self:
        """Return what was known at an instant."""
        return cls(catalogue, loads.known_at(instant))

    @cached_property
    def present(self) -> dict[str, str]:
        """Return, for each id that is no longer used, the id that stands for it."""
        return present_ids(self.loads.merges)

    @cached_property
    def _former(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for former, now in self.present.items():
            found[now].append(former)
        return found

    def ids_of(self, subject_id: str) -> frozenset[str]:
        """Return all ids that a subject has had; expects the one that stands."""
        former = self._former.get(subject_id)
        return frozenset({subject_id, *former}) if former else frozenset({subject_id})

    def areas(self, resource: Resource, column: str) -> Mapping[str, str]:
        """Return the areas that a list declares, by the stems of their codes."""
        key = resource.resource, column
        if key not in self._areas:
            self._areas[key] = areas_by_stem(self.catalogue, self.loads, resource, column)
        return self._areas[key]
