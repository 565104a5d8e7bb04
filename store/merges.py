"""Subjects that were found to be one: which id stands for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import polars as pl
import sqlalchemy as sa

from store.of_some import OfSome
from store.opening import Reading
from store.tables import SubjectMerge, table_of

_MERGE = table_of(SubjectMerge)
_STEPS = sa.select(_MERGE.c.from_id, _MERGE.c.to_id)
_STEPS_OF = OfSome(lambda among: _STEPS.where(sa.or_(among(_MERGE.c.from_id), among(_MERGE.c.to_id))))


@dataclass(frozen=True, slots=True)
class Canon:
    """For every id that was merged, the id it ended in; the others stand for themselves."""

    ends: Mapping[str, str]

    @classmethod
    def read(cls, rx: Reading) -> Self:
        """Return what all merges so far come to; chains are followed to their end."""
        return cls(_ends({row.from_id: row.to_id for row in rx.connection.execute(_STEPS)}))

    @classmethod
    def around(cls, rx: Reading, ids: Iterable[str]) -> Self:
        """Return what the merges come to that some ids have a part in, however many there are of others."""
        steps: dict[str, str] = {}
        asked, waiting = set[str](), set(ids) - {""}  # events have ids too, and where there is none it is empty
        while waiting:
            steps |= {row.from_id: row.to_id for row in _STEPS_OF.rows(rx, sorted(waiting))}
            asked |= waiting
            waiting = {*steps, *steps.values()} - asked
        return cls(_ends(steps))

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

    def ids_of(self, subject_id: str) -> tuple[str, ...]:
        """Return every id that names the same subject as one does, sorted."""
        end = self.of(subject_id)
        return tuple(sorted({end, subject_id, *(old for old, each in self.ends.items() if each == end)}))

    def pairs(self, ids: Iterable[str]) -> pl.DataFrame:
        """Return every id that names one of these subjects beside the id it was asked under: `asked_id`, `subject_id`.

        Where a subject is asked for under several of its ids, each of them has all.
        """
        given = ids if isinstance(ids, pl.Series) else pl.Series(list(ids), dtype=pl.String)
        asked = pl.DataFrame({"asked_id": given.unique().sort()})
        own = asked.select("asked_id", subject_id="asked_id")
        if not self.ends:
            return own
        ends = {**self.ends, **{end: end for end in self.ends.values()}}
        known = pl.DataFrame({"subject_id": list(ends.keys()), "end": list(ends.values())})
        shared = asked.with_columns(end=self.column(asked["asked_id"])).join(known, on="end")
        return pl.concat([own, shared.select("asked_id", "subject_id")]).unique().sort("asked_id", "subject_id")


def same_subject(rx: Reading, subject_id: str) -> tuple[str, ...]:
    """Return every id that names the same subject as one does, sorted."""
    return Canon.around(rx, [subject_id]).ids_of(subject_id)


def standing_id(rx: Reading, subject_id: str) -> str:
    """Return the id that stands for a subject."""
    return Canon.around(rx, [subject_id]).of(subject_id)


def _ends(steps: Mapping[str, str]) -> dict[str, str]:
    ends = {}
    for start in steps:
        end = start
        while end in steps:
            end = steps[end]
        ends[start] = end
    return ends
