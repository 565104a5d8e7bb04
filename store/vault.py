"""The vault of `profiles.identity`: numbers go in, opaque ids come out, and what is personal stays sealed.

Whole columns at a time: the known numbers are read once, new ones written once. Reading what was sealed is
`store.vault_openings`; going over to new keys is `store.vault_rotation`.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl
import sqlalchemy as sa

from profiles.identity import LoadRef, Seals, subject_id_of
from store.audit import record
from store.codes import StoreCode
from store.faults import refused
from store.merges import Canon
from store.opening import Reading, Writing
from store.rows import insert_frame, insert_rows, read_matching
from store.tables import Identifier, Personal, Subject, SubjectMerge, VaultIndex, table_of

_IDENTIFIER = table_of(Identifier)
_PERSONAL = table_of(Personal)
_SUBJECT = table_of(Subject)
_INDEX = table_of(VaultIndex)


def number_row(kind: str, index: bytes) -> str:
    """Return what a sealed number is bound to beside its column."""
    return f"{kind}|{index.hex()}"


def personal_row(subject_id: str, field_name: str, resource: str, load_id: str) -> str:
    """Return what a sealed personal field is bound to beside its column."""
    return f"{subject_id}|{field_name}|{resource}|{load_id}"


def personal_rows(subject_id: str, field_name: str, resource: str, load_id: str) -> pl.Expr:
    """Return what the sealed personal fields of a frame are bound to, by the names of its columns; as `personal_row`."""
    return pl.concat_str(subject_id, field_name, resource, load_id, separator="|")


def check_index(rx: Reading, seals: Seals) -> bool:
    """Say whether the vault is indexed at all.

    Fails: RefusedError where it was indexed with another key or suite: every known number would look new.
    """
    name = rx.connection.scalar(sa.select(_INDEX.c.name))
    if name is not None and name != seals.index_name:
        raise refused(
            StoreCode.OTHER_KEYS,
            "vault",
            "the vault was indexed with another key or crypto suite",
            "restore the key `index` and the suite that it was filled with",
        )
    return name is not None


class _Seen(NamedTuple):
    """What brought a number, and when."""

    load_id: str
    at: dt.datetime


@dataclass(slots=True)
class StoredVault:
    """The `Vault` that intake fills, within one write transaction."""

    tx: Writing
    seals: Seals
    _canon: Canon = field(init=False)

    def __post_init__(self) -> None:
        """Take the vault for this transaction.

        Fails: RefusedError where it was indexed with another key.
        """
        if self.tx.connection.dialect.name == "postgresql":
            # Two loads that meet the same new number would both register it.
            self.tx.connection.execute(sa.text("lock table identifier in share row exclusive mode"))
        if not check_index(self.tx, self.seals):
            insert_rows(self.tx, VaultIndex, [{"number": 1, "name": self.seals.index_name, "made_at": self.tx.now}])
        self._canon = Canon.read(self.tx)

    def resolve(self, kind: str, numbers: pl.Series, *, load: LoadRef, first_seen_at: dt.datetime) -> pl.Series:
        """Return the subject that each number names, registering numbers never seen.

        Shape: String in, String out, same length and order; merged subjects come as the one that stands.
        Nulls: a null number gives a null id.
        """
        distinct = self._indexed(kind, numbers.drop_nulls().unique(maintain_order=True))
        found = self._with_known(kind, distinct)
        fresh = found.filter(pl.col("subject_id").is_null()).drop("subject_id")
        fresh = fresh.with_columns(
            pl.Series("subject_id", [subject_id_of(index) for index in fresh["blind_index"]], dtype=pl.String)
        )
        self._register(kind, fresh, _Seen(load.load_id, first_seen_at), aliases=())
        known = pl.concat([found.drop_nulls("subject_id").select(fresh.columns), fresh])
        joined = numbers.to_frame("number").join(known, on="number", how="left", validate="m:1", maintain_order="left")
        return self._canon.column(joined["subject_id"])

    def keep(self, kind: str, fields: pl.DataFrame, *, load: LoadRef, loaded_at: dt.datetime) -> None:  # noqa: ARG002  # the protocol names it
        """Keep personal fields, sealed; only values that differ from what the resource said last are written.

        Shape: `subject_id`, `field`, `value`, String, none null; one row per subject and field.
        """
        parts = [
            part.with_columns(pl.Series("value_index", self.seals.blind_indexes(f"personal:{name}", part["value"])))
            for (name,), part in fields.group_by("field", maintain_order=True)
        ]
        if not parts:
            return
        said = pl.concat(parts).unique(["subject_id", "field"], keep="last", maintain_order=True)
        before = self._said_before(said["subject_id"], load.resource, loaded_at)
        new = said.join(before, on=["subject_id", "field", "value_index"], how="anti")
        rows = [
            personal_row(subject_id, name, load.resource, load.load_id)
            for subject_id, name in new.select("subject_id", "field").iter_rows()
        ]
        sealed = self.seals.seal_many(new["value"].to_list(), table="personal", column="sealed", rows=rows)
        insert_frame(
            self.tx,
            Personal,
            new.drop("value").with_columns(
                pl.Series("sealed", sealed, dtype=pl.Binary),
                resource=pl.lit(load.resource),
                load_id=pl.lit(load.load_id),
                loaded_at=pl.lit(loaded_at),
            ),
        )

    def add_aliases(self, kind: str, pairs: pl.DataFrame, *, load: LoadRef, at: dt.datetime) -> None:
        """Learn that former and present numbers name the same subjects, from the instant `at` on.

        Two subjects that both had their own number are merged: the one seen first stands, or the one under the
        former number where both were seen at once.
        """
        numbers = self._indexed(kind, pl.concat([pairs["former"], pairs["present"]]).unique(maintain_order=True))
        found = self._with_known(kind, numbers)
        names = dict(found.select("number", "subject_id").iter_rows())
        index = dict(found.select("number", "blind_index").iter_rows())
        aliases: set[str] = set()  # new numbers of subjects that have another one
        for former, present in pairs.select("former", "present").iter_rows():
            if names[former] is None and names[present] is None:
                names[former] = subject_id_of(index[former])
            for number, other in ((former, present), (present, former)):
                if names[number] is None:
                    names[number] = names[other]
                    aliases.add(number)
        fresh = found.filter(pl.col("subject_id").is_null()).with_columns(
            subject_id=pl.col("number").replace_strict(names, return_dtype=pl.String)
        )
        self._register(kind, fresh, _Seen(load.load_id, at), aliases=aliases)
        merged = ((names[former], names[present]) for former, present in pairs.select("former", "present").iter_rows())
        self._merge([(a, b) for a, b in merged if a != b], at, source=load.load_id)

    def _indexed(self, kind: str, numbers: pl.Series) -> pl.DataFrame:
        indexes = self.seals.blind_indexes(kind, numbers)
        return pl.DataFrame({"number": numbers, "blind_index": pl.Series(indexes, dtype=pl.Binary)})

    def _with_known(self, kind: str, distinct: pl.DataFrame) -> pl.DataFrame:
        """Add `subject_id`, null where the number is new."""
        known = read_matching(
            self.tx,
            sa.select(_IDENTIFIER.c.blind_index, _IDENTIFIER.c.subject_id).where(_IDENTIFIER.c.kind == kind),
            _IDENTIFIER.c.blind_index,
            distinct["blind_index"],
        )
        return distinct.join(known, on="blind_index", how="left", validate="1:1", maintain_order="left")

    def _said_before(self, subjects: pl.Series, resource: str, loaded_at: dt.datetime) -> pl.DataFrame:
        """Return the newest value index of each subject and field that a resource had brought by an instant."""
        columns = ("subject_id", "field", "value_index", "loaded_at", "load_id")
        chosen = sa.select(*(_PERSONAL.c[name] for name in columns)).where(
            _PERSONAL.c.resource == resource, _PERSONAL.c.loaded_at <= loaded_at
        )
        rows = read_matching(self.tx, chosen, _PERSONAL.c.subject_id, subjects.unique(maintain_order=True))
        newest = rows.sort("loaded_at", "load_id").unique(["subject_id", "field"], keep="last")
        return newest.select("subject_id", "field", "value_index")

    def _register(self, kind: str, fresh: pl.DataFrame, seen: _Seen, *, aliases: Collection[str]) -> None:
        """Write new numbers, and a new subject for each that is not an alias.

        Shape: `number`, `blind_index`, `subject_id`, none null.
        """
        rows = [number_row(kind, index) for index in fresh["blind_index"]]
        sealed = self.seals.seal_many(fresh["number"].to_list(), table="identifier", column="sealed", rows=rows)
        seen_at = pl.lit(seen.at)
        numbers = fresh.with_columns(
            pl.Series("sealed", sealed, dtype=pl.Binary),
            kind=pl.lit(kind),
            is_alias=pl.col("number").is_in(list(aliases)),
            load_id=pl.lit(seen.load_id),
            first_seen_at=seen_at,
        )
        subjects = numbers.filter(pl.col("is_alias").not_()).select(
            "subject_id", "kind", first_index="blind_index", first_seen_at=seen_at
        )
        # In the order of the primary keys: a first load is then twice as fast.
        insert_frame(self.tx, Subject, subjects.sort("subject_id"))
        insert_frame(self.tx, Identifier, numbers.drop("number").sort("blind_index"))

    def _merge(self, pairs: Iterable[tuple[str, str]], at: dt.datetime, *, source: str) -> None:
        """Merge pairs of (former's, present's) subjects that differ; each id is merged away at most once."""
        wanted = list(pairs)
        seen = self._first_seen({self._canon.of(each) for pair in wanted for each in pair})
        ends = dict(self._canon.ends)
        rows = []
        for former, present in wanted:
            first, second = _end(ends, former), _end(ends, present)
            if first == second:
                continue
            stays, goes = (second, first) if seen[second] < seen[first] else (first, second)
            ends[goes] = stays
            rows.append({"from_id": goes, "to_id": stays, "at": at, "source": source})
        if rows:
            record(self.tx, "subjects.merged", by="intake", about=source, said={"count": len(rows)})
        insert_rows(self.tx, SubjectMerge, rows)
        self._canon = Canon.read(self.tx)

    def _first_seen(self, ids: set[str]) -> dict[str, dt.datetime]:
        chosen = sa.select(_SUBJECT.c.subject_id, _SUBJECT.c.first_seen_at)
        rows = read_matching(self.tx, chosen, _SUBJECT.c.subject_id, pl.Series(sorted(ids), dtype=pl.String))
        return dict(rows.iter_rows())


def _end(ends: dict[str, str], subject_id: str) -> str:
    while subject_id in ends:
        subject_id = ends[subject_id]
    return subject_id
