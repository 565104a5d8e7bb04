"""Going over to new keys or another suite: everything is sealed anew, and indexed anew where the index changed.

One transaction, so that a vault is never half in one key and half in another.
"""

from collections.abc import Iterable

import polars as pl
import sqlalchemy as sa

from profiles.identity import Seals
from store.audit import record
from store.changing import run_many
from store.opening import Reading, Writing
from store.rows import insert_frame, insert_rows, read_frame
from store.sealed_notes import rotate_notes
from store.sessions import rotate_sessions
from store.tables import Identifier, Personal, SealedNote, Subject, VaultIndex, WebSession, table_of
from store.vault import number_row, personal_row

_IDENTIFIER = table_of(Identifier)
_PERSONAL = table_of(Personal)
_SUBJECT = table_of(Subject)
_INDEX = table_of(VaultIndex)


def rotate_vault(tx: Writing, seals: Seals, *, by: str = "operator") -> int:
    """Seal and index with the present keys what was sealed or indexed with others; return how many values changed.

    Expects: the former sealing keys are still among the keys. Subject ids stay what they are.
    Fails:   RunError where a value does not open.
    """
    if tx.connection.dialect.name == "postgresql":
        tx.connection.execute(sa.text("lock table identifier, personal in share row exclusive mode"))
    is_indexed_anew = tx.connection.scalar(sa.select(_INDEX.c.name)) != seals.index_name
    changed = _rotate_numbers(tx, seals, all_of_them=is_indexed_anew)
    changed += _rotate_personal(tx, seals, all_of_them=is_indexed_anew)
    changed += rotate_notes(tx, seals)
    changed += rotate_sessions(tx, seals)
    tx.connection.execute(sa.delete(_INDEX))
    insert_rows(tx, VaultIndex, [{"number": 1, "name": seals.index_name, "made_at": tx.now}])
    record(tx, "vault.rotated", by=by, about=seals.index_name, said={"changed_count": changed})
    return changed


def count_sealed(rx: Reading, heads: Iterable[bytes]) -> dict[bytes, int]:
    """Return how many values of the database begin with each of some heads."""
    session = table_of(WebSession).c
    columns = [_IDENTIFIER.c.sealed, _PERSONAL.c.sealed, table_of(SealedNote).c.sealed]
    columns += [session.shown_as, session.id_token]
    return {head: sum(_count(rx, column, head) for column in columns) for head in heads}


def _count(rx: Reading, column: sa.ColumnElement[bytes], head: bytes) -> int:
    begins = sa.func.substr(column, 1, len(head)) == head
    return int(rx.connection.scalar(sa.select(sa.func.count()).where(begins)) or 0)


def _rotate_numbers(tx: Writing, seals: Seals, *, all_of_them: bool) -> int:
    kept = _to_change(read_frame(tx, sa.select(_IDENTIFIER)), seals, all_of_them=all_of_them)
    parts = []
    for (kind,), part in kept.group_by("kind", maintain_order=True):
        numbers = [
            seals.open(sealed, table="identifier", column="sealed", row=number_row(str(kind), index))
            for index, sealed in part.select("blind_index", "sealed").iter_rows()
        ]
        indexes = seals.blind_indexes(str(kind), numbers)
        rows = [number_row(str(kind), index) for index in indexes]
        sealed = seals.seal_many(numbers, table="identifier", column="sealed", rows=rows)
        parts.append(
            part.with_columns(
                pl.Series("sealed", sealed, dtype=pl.Binary), pl.Series("new_index", indexes, dtype=pl.Binary)
            )
        )
    if not parts:
        return 0
    anew = pl.concat(parts)
    gone = sa.delete(_IDENTIFIER).where(
        _IDENTIFIER.c.kind == sa.bindparam("its_kind"), _IDENTIFIER.c.blind_index == sa.bindparam("its_index")
    )
    run_many(tx, gone, anew.select(its_kind="kind", its_index="blind_index"))
    leads = (
        sa.update(_SUBJECT).where(_SUBJECT.c.subject_id == sa.bindparam("key")).values(first_index=sa.bindparam("to"))
    )
    firsts = anew.filter(pl.col("is_alias").not_())
    run_many(tx, leads, firsts.select(key="subject_id", to="new_index"))
    insert_frame(tx, Identifier, anew.drop("blind_index").rename({"new_index": "blind_index"}).sort("blind_index"))
    return anew.height


def _rotate_personal(tx: Writing, seals: Seals, *, all_of_them: bool) -> int:
    kept = _to_change(read_frame(tx, sa.select(_PERSONAL)), seals, all_of_them=all_of_them)
    keys = ("subject_id", "field", "resource", "load_id")
    sealed, indexes = list[bytes](), list[bytes]()
    for subject_id, field, resource, load_id, before in kept.select(*keys, "sealed").iter_rows():
        row = personal_row(subject_id, field, resource, load_id)
        value = seals.open(before, table="personal", column="sealed", row=row)
        sealed.append(seals.seal(value, table="personal", column="sealed", row=row))
        indexes.append(seals.blind_index(f"personal:{field}", value))
    changes = kept.select(
        **{f"its_{name}": name for name in keys},
        new_sealed=pl.Series(sealed, dtype=pl.Binary),
        new_index=pl.Series(indexes, dtype=pl.Binary),
    )
    own = sa.update(_PERSONAL).where(*(_PERSONAL.c[name] == sa.bindparam(f"its_{name}") for name in keys))
    return run_many(tx, own.values(sealed=sa.bindparam("new_sealed"), value_index=sa.bindparam("new_index")), changes)


def _to_change(rows: pl.DataFrame, seals: Seals, *, all_of_them: bool) -> pl.DataFrame:
    if all_of_them:
        return rows
    return rows.filter(pl.Series([not seals.is_current(sealed) for sealed in rows["sealed"]], dtype=pl.Boolean))
