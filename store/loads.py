"""Which loads there are, and which subjects were found to be one: what `core.loads.Loads` is made of."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.loads import LoadInfo, Loads, Merge
from store.audit import record
from store.audit_chain import JSON
from store.codes import StoreInvariantError
from store.opening import Reading, Writing
from store.tables import Load, SubjectMerge, table_of

_LOAD = table_of(Load)
_MERGE = table_of(SubjectMerge)
_FIELDS = tuple(field.name for field in fields(LoadInfo))


@dataclass(frozen=True, slots=True)
class StoredLoads:
    """The `LoadRegister` that intake asks, within one write transaction."""

    tx: Writing
    by: str = "intake"

    def known(self, resource: str) -> list[LoadInfo]:
        """Return every load of a resource, in the order in which they were recorded."""
        return list(_loads(self.tx, _LOAD.c.resource == resource))

    def record(self, load: LoadInfo) -> None:
        """Remember a load; recording the same load again changes nothing.

        Fails: StoreInvariantError where another load has its id.
        """
        before = _loads(self.tx, _LOAD.c.load_id == load.load_id)
        if before and before[0] != load:
            raise StoreInvariantError(f"two loads of `{load.resource}` have the id {load.load_id}")
        if before:
            return
        said: dict[str, JSON] = {"resource": load.resource, "data_date": str(load.data_date), "digest": load.digest}
        said |= {"row_count": load.row_count, "quarantined_count": load.quarantined_count}
        record(self.tx, "data.loaded", by=self.by, about=load.load_id, said=said)
        count = sa.select(sa.func.count()).where(_LOAD.c.resource == load.resource)
        number = int(self.tx.connection.scalar(count) or 0) + 1
        row = asdict(load) | {"regions_missing": list(load.regions_missing), "number": number}
        self.tx.connection.execute(sa.insert(_LOAD), row)


def read_loads(rx: Reading, root: Path) -> Loads:
    """Return every load and merge there is; what was known when is for `Loads.known_at` to say."""
    merges = rx.connection.execute(sa.select(_MERGE).order_by(_MERGE.c.at, _MERGE.c.from_id))
    return Loads(
        root,
        _loads(rx, sa.true()),
        tuple(Merge(row.from_id, row.to_id, row.at) for row in merges),
    )


def _loads(rx: Reading, which: sa.ColumnElement[bool]) -> tuple[LoadInfo, ...]:
    rows = rx.connection.execute(sa.select(_LOAD).where(which).order_by(_LOAD.c.resource, _LOAD.c.number))
    return tuple(_info(row._mapping) for row in rows)  # noqa: SLF001  # the public name of a row's columns


def _info(row: Any) -> LoadInfo:  # noqa: ANN401  # a row of SQLAlchemy
    values = {name: row[name] for name in _FIELDS}
    regions: Sequence[str] = values.pop("regions_missing")
    return LoadInfo(**values, regions_missing=tuple(regions))
