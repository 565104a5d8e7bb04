"""A catalogue and its loads in a few lines: boring defaults, one keyword for what a test is about."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from core.days import FIRST_DAY, LAST_DAY, DayRange
from core.edges import DayEdge
from core.loads import LoadInfo, Loads, Merge
from profiles.asking import Asking, Fact
from profiles.assemble import assemble
from profiles.catalogue import Attribute, Catalogue, Column, Relation, Resource, Role
from profiles.known import Known
from profiles.stored_values import column_type

Row = Mapping[str, Any]

LATER = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)  # after every load of a test

_ROLES = {
    "valid_from": Column(name="自", type="date", role=Role.VALID_FROM),
    "valid_through": Column(name="至", type="date", role=Role.VALID_THROUGH),
    "day": Column(name="日", type="date", role=Role.DAY),
    "row_key": Column(name="行", type="text", role=Role.ROW_KEY),
    "operation": Column(name="操作", type="text", role=Role.OPERATION),
    "other_id": Column(name="另", type="citizen_id", role=Role.OTHER),
}
_STANDING: dict[str, tuple[str, ...]] = {"spell": ("valid_from", "valid_through"), "event": ("day",), "snapshot": ()}

LEVEL = Column(name="级", type="integer", optional=True)
MARK = Column(name="类", type="text", optional=True)


def resource(code: str, kind: str, *, columns: Sequence[Column] = (LEVEL, MARK), **changed: Any) -> Resource:  # noqa: ANN401  # any field
    """Return a resource about persons that never goes stale."""
    roles = [*_STANDING[kind]]
    roles += ["row_key", "operation"] if changed.get("delivery") == "increment" else []
    roles += ["other_id"] if "other" in changed else []
    standard: dict[str, Any] = {
        "label": code,
        "owner": "民政局",
        "subject": "person",
        "refresh": "monthly",
        "fresh_days": 9_999,
    }
    own = (*(_ROLES[role] for role in roles), *columns)
    return Resource(**(standard | {"resource": code, "kind": kind, "columns": own} | changed))


def attribute(code: str, type_: str = "integer", **changed: Any) -> Attribute:  # noqa: ANN401  # any field
    """Return an attribute of persons."""
    standard: dict[str, Any] = {"code": code, "label": code, "subject": "person", "type": type_, "sensitivity": 2}
    return Attribute(**(standard | changed))


def instant(day: dt.date, hour: int = 0) -> dt.datetime:
    """Return an instant on a day."""
    return dt.datetime.combine(day, dt.time(hour), dt.UTC)


class SmallWorld:
    """A catalogue, and loads written to a folder as intake would write them."""

    def __init__(
        self,
        root: Path,
        resources: Iterable[Resource],
        attributes: Iterable[Attribute],
        relations: Iterable[Relation] = (),
    ) -> None:
        """Begin without loads."""
        self.root = root
        self.catalogue = Catalogue(
            kinds={},
            resources={each.resource: each for each in resources},
            attributes={each.code: each for each in attributes},
            relations={each.code: each for each in relations},
            fingerprint="",
        )
        self.infos: list[LoadInfo] = []
        self.merges: list[Merge] = []

    def load(
        self,
        name: str,
        data_date: dt.date,
        rows: Sequence[Row],
        *,
        loaded_at: dt.datetime | None = None,
        quarantined: Sequence[Row] = (),
        **changed: Any,  # noqa: ANN401  # any field
    ) -> LoadInfo:
        """Write a load; open ends and operations may be left out of rows."""
        number = len(self.infos)
        path = f"{name}-{number}.parquet"
        _frame(self.catalogue.resources[name], rows).write_parquet(self.root / path)
        standard: dict[str, Any] = {
            "load_id": f"load-{number}",
            "resource": name,
            "data_date": data_date,
            "loaded_at": loaded_at or instant(data_date, number % 24),
            "digest": str(number),
            "file_name": f"{name}.csv",
            "path": path,
            "row_count": len(rows),
            "accepted_count": len(rows),
            "quarantined_count": len(quarantined),
            "unreadable_count": 0,
            "is_complete": True,
        }
        info = LoadInfo(**(standard | changed))
        if quarantined:
            names = {
                name: pl.String
                for name in ("subject_id", "other_id", "row_key")
                if any(name in row for row in quarantined)
            }
            held_back = pl.DataFrame([{name: row.get(name) for name in names} for row in quarantined], schema=names)
            held_back.write_parquet(self.root / info.quarantine_path)
        self.infos.append(info)
        return info

    def merge(self, from_id: str, to_id: str, at: dt.datetime) -> None:
        """Find two subjects to be one."""
        self.merges.append(Merge(from_id, to_id, at))

    @property
    def loads(self) -> Loads:
        """Return everything loaded so far."""
        return Loads(self.root, tuple(self.infos), tuple(self.merges))

    def profiles(
        self,
        days: DayRange,
        *attributes: str,
        kind: str = "person",
        known_at: dt.datetime = LATER,
        edges: Sequence[DayEdge] = (),
        **more: Any,  # noqa: ANN401  # what else assemble takes
    ) -> pl.DataFrame:
        """Return assembled profiles."""
        codes = attributes or [a.code for a in self.catalogue.attributes.values() if a.subject == kind]
        frame = assemble(
            self.catalogue, self.loads, kind=kind, attributes=codes, days=days, known_at=known_at, edges=edges, **more
        )
        return frame.collect()

    def values(self, code: str, subject_id: str, days: DayRange, known_at: dt.datetime = LATER) -> dict[dt.date, Any]:
        """Return a fact as stretches: the first day of each, and the value from then on."""
        frame = self.profiles(days, code, known_at=known_at, subjects=pl.Series([subject_id]))
        return dict(zip(frame["day"], frame[code], strict=True))

    def fact(self, code: str, subject_id: str, day: dt.date, known_at: dt.datetime = LATER) -> Fact:
        """Return a fact by the plain reference."""
        return Asking(Known.at(self.catalogue, self.loads, known_at)).fact(code, subject_id, day)


def _frame(declared: Resource, rows: Sequence[Row]) -> pl.DataFrame:
    """Return rows as a load frame."""
    standing = dict.fromkeys(_STANDING[declared.kind.value], pl.Date())
    texts = dict.fromkeys(["subject_id", *(["other_id"] if declared.other else [])], pl.String())
    if declared.delivery.value == "increment":
        texts |= {"row_key": pl.String(), "operation": pl.String()}
    own = {each.name: column_type(each).dtype for each in declared.columns if each.role is None}
    defaults = {"valid_from": FIRST_DAY, "valid_through": LAST_DAY, "operation": "upsert"}
    schema = {**texts, **standing, **own}
    cells = [{name: row.get(name, defaults.get(name)) for name in schema} for row in rows]
    numbered = pl.DataFrame(cells, schema=schema).with_row_index("row_number", offset=1)
    return numbered.sort("subject_id", "row_number")
