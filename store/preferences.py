"""What subjects do not want to be told: dated words on categories of notices; the last one counts."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from core.ledger import NoticeCategory
from store.audit import record, words_digest
from store.merges import Canon
from store.opening import Reading, Writing
from store.rows import insert_rows, is_among
from store.tables import NoticePreference, table_of

_PREFERENCE = table_of(NoticePreference)


@dataclass(frozen=True, slots=True)
class Preference:
    """One word of a subject, or of a clerk for it."""

    subject_id: str
    category: NoticeCategory
    is_wanted: bool
    recorded_at: dt.datetime
    recorded_by: str
    reason: str


def record_preference(  # all by name; a word has this many parts
    tx: Writing, subject_id: str, category: NoticeCategory, *, is_wanted: bool, by: str, reason: str
) -> None:
    """Keep that a subject wants, or no longer wants, a category of notices."""
    record(
        tx,
        "notices.preference",
        by=by,
        about=subject_id,
        said={"category": category.value, "is_wanted": is_wanted, "reason": words_digest(reason)},
    )
    row = {
        "subject_id": subject_id,
        "category": category,
        "is_wanted": is_wanted,
        "recorded_at": tx.now,
        "recorded_by": by,
        "reason": reason,
    }
    insert_rows(tx, NoticePreference, [row])


def read_preferences(rx: Reading, subject_ids: Collection[str]) -> list[Preference]:
    """Return every word of some subjects, in the order in which they were kept; one that was merged spoke under any id."""
    names = (_PREFERENCE.c[name] for name in Preference.__dataclass_fields__)
    every = set(Canon.read(rx).pairs(subject_ids)["subject_id"])
    chosen = sa.select(*names).where(is_among(rx, _PREFERENCE.c.subject_id, every))
    return [Preference(*row) for row in rx.connection.execute(chosen.order_by(_PREFERENCE.c.number))]


def declined(rx: Reading, subject_ids: Collection[str]) -> frozenset[tuple[str, NoticeCategory]]:
    """Return which of some subjects do not want which categories by now; the last word of a merged one counts."""
    canon = Canon.read(rx)
    last = {(canon.of(each.subject_id), each.category): each.is_wanted for each in read_preferences(rx, subject_ids)}
    return frozenset(
        (subject_id, category)
        for subject_id in subject_ids
        for category in NoticeCategory
        if not last.get((canon.of(subject_id), category), True)
    )
