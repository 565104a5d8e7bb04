"""Who is asked about: the subjects of a kind, numbered in the order of their ids."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Universe:
    """Subjects by number; `present` says which id each former id goes by.

    `numbered` has one row per subject: `subject_no` UInt32 from 0, `subject_id`; sorted by both.
    """

    numbered: pl.DataFrame
    present: dict[str, str]

    @classmethod
    def of_ids(cls, subject_ids: pl.Series, present: dict[str, str]) -> "Universe":
        """Return the universe of given subjects; nulls and repetitions count for nothing."""
        ids = subject_ids.rename("subject_id").replace(present).drop_nulls().unique().sort()
        return cls(ids.to_frame().with_row_index("subject_no"), present)

    @property
    def ids(self) -> pl.Series:
        """Return the subjects' ids, sorted."""
        return self.numbered["subject_id"]

    @property
    def count(self) -> int:
        """Return how many there are."""
        return self.numbered.height

    def number(self, frame: pl.DataFrame, column: str = "subject_id", into: str = "subject_no") -> pl.DataFrame:
        """Put numbers in the place of ids.

        Shape: rows of other subjects are left out; the order of the rest stays.
        """
        if frame.is_empty():  # spares the look-up table
            return frame.drop(column).with_columns(pl.lit(0, pl.UInt32).alias(into))
        found = frame.with_columns(pl.col(column).replace(self.present)) if self.present else frame
        return found.join(
            self.numbered.select(pl.col("subject_id").alias(column), pl.col("subject_no").alias(into)),
            on=column,
            how="inner",
            maintain_order="left",
        ).drop(column)

    def rows_of(self, column: str = "subject_id") -> pl.Expr:
        """Return a condition that no row of these subjects fails; readers skip parts of a file by it."""
        if not self.count:
            return pl.lit(False)
        within = pl.col(column).is_between(pl.lit(self.ids[0]), pl.lit(self.ids[-1]))
        return within | pl.col(column).is_in(sorted(self.present)) if self.present else within
