"""A vault and a register in memory, which keep the promises of `profiles.identity` and `profiles.intake`."""

import datetime as dt
from dataclasses import dataclass, field

import polars as pl

from core.ids import derive_id
from core.loads import LoadInfo
from profiles.identity import LoadRef


@dataclass(slots=True)
class MemoryVault:
    """Knows every number it was shown; `kept` is what a real vault would seal."""

    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    kept: dict[tuple[str, str], str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def resolve(self, kind: str, numbers: pl.Series, *, load: LoadRef, first_seen_at: dt.datetime) -> pl.Series:
        """Return one id per number, derived from the first number of the subject."""
        assert first_seen_at.tzinfo is not None
        self.calls.append(f"resolve {kind} for {load.resource}")
        found = [None if number is None else self.id_of(kind, number) for number in numbers]
        return pl.Series(found, dtype=pl.String)

    def id_of(self, kind: str, number: str) -> str:
        """Return the id of one number."""
        return self.ids.setdefault((kind, number), derive_id("s", kind, number))

    def keep(self, kind: str, fields: pl.DataFrame, *, load: LoadRef, loaded_at: dt.datetime) -> None:
        """Keep the newest value of each field."""
        assert loaded_at.tzinfo is not None
        assert fields.columns == ["subject_id", "field", "value"]
        assert fields.select("subject_id", "field").is_duplicated().any() is False
        self.calls.append(f"keep {kind} for {load.resource}")
        self.kept |= {(who, name): value for who, name, value in fields.iter_rows()}

    def add_aliases(self, kind: str, pairs: pl.DataFrame, *, load: LoadRef, at: dt.datetime) -> None:
        """Let a present number name the subject of its former one."""
        assert at.tzinfo is not None
        assert pairs.columns == ["former", "present"]
        self.calls.append(f"add_aliases {kind} for {load.resource}")
        for former, present in pairs.iter_rows():
            self.ids.setdefault((kind, present), self.id_of(kind, former))


@dataclass(slots=True)
class MemoryRegister:
    """Remembers loads in the order in which they were recorded."""

    loads: list[LoadInfo] = field(default_factory=list)

    def known(self, resource: str) -> list[LoadInfo]:
        """Return the loads of a resource."""
        return [load for load in self.loads if load.resource == resource]

    def record(self, load: LoadInfo) -> None:
        """Remember a load once."""
        if load not in self.loads:
            self.loads.append(load)
