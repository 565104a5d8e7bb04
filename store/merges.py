"""Subjects that were found to be one: which id stands for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import polars as pl
import sqlalchemy as sa

from store.opening import Reading
from store.tables import SubjectMerge, table_of

_MERGE = table_of(SubjectMerge)


@dataclass(frozen=True, slots=True)
class Canon:
    """For every id that was merged, the id it ended in; the others stand for themselves."""

    ends: Mapping[str, str]

    @classmethod
    def read(cls, rx: Reading) -> Self:
        """Return what all merges so far come to; chains are followed to their end."""
        rows = rx.connection.execute(sa.select(_MERGE.c.from_id, _MERGE.c.to_id))
        steps: dict[str, str] = {row.from_id: row.to_id for row in rows}
        ends = {}
        for start in steps:
            end = start
            while end in steps:
                end = steps[end]
            ends[start] = end
        return cls(ends)

    def of(self, subject_id: str) -> str:
        """Return the id that stands for a subject."""
        return self.ends.get(subject_id, subject_id)

    def column(self, ids: pl.Series) -> pl.Series:
        """Return the ids that stand for a column of subjects.

        Nulls: null stays null.
        """
        if not self.ends:
            return ids
        return ids.replace(list(self.ends.keys()), list(self.ends.values()))

    def groups(self, ids: list[str]) -> dict[str, str]:
        """Return every id that names one of these subjects, with the asked id it belongs to."""
        asked = {self.of(each): each for each in ids}
        return (
            asked | {each: each for each in ids} | {old: asked[end] for old, end in self.ends.items() if end in asked}
        )
