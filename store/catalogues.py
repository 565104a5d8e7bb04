"""The catalogues that published nights used, each kept once under its fingerprint, for replays."""

from collections.abc import Mapping

import sqlalchemy as sa

from store.opening import Reading, Writing
from store.rows import insert_rows
from store.tables import CatalogueText, table_of

_TEXT = table_of(CatalogueText)


def keep_catalogue(tx: Writing, fingerprint: str, files: Mapping[str, str]) -> None:
    """Keep a catalogue's files; under a fingerprint that is there already nothing changes, for it says the same."""
    if catalogue_files(tx, fingerprint) is None:
        insert_rows(tx, CatalogueText, [{"fingerprint": fingerprint, "files": dict(files), "kept_at": tx.now}])


def catalogue_files(rx: Reading, fingerprint: str) -> Mapping[str, str] | None:
    """Return the files kept under a fingerprint, or None."""
    files: Mapping[str, str] | None = rx.connection.scalar(
        sa.select(_TEXT.c.files).where(_TEXT.c.fingerprint == fingerprint)
    )
    return files
