"""Two answers laid side by side: what happens to each subject, and how many there are of each kind.

met before  = kept + lost + in doubt         kept = same + more + less + open
met after   = kept + gained
"""

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from engine.match import OUTCOME


class Move(StrEnum):
    """What a change does to one subject."""

    GAINED = "gained"  # met now, and was not
    LOST = "lost"  # not met now, and was met
    IN_DOUBT = "in_doubt"  # unknown now, and was met
    MORE = "more"
    LESS = "less"
    OPEN = "open"  # met before and after; an amount that is not known may be another
    SAME = "same"
    NEWLY_UNKNOWN = "newly_unknown"  # unknown now, and was not met
    NO_LONGER_UNKNOWN = "no_longer_unknown"  # not met now, and was unknown
    NEITHER = "neither"  # not met, or unknown, both times


MOVE = pl.Enum([move.value for move in Move])
KEPT = (Move.SAME, Move.MORE, Move.LESS, Move.OPEN)
CHANGED = tuple(move for move in Move if move not in {Move.SAME, Move.NEITHER})
WORSE = (Move.LOST, Move.IN_DOUBT, Move.LESS)
BETTER = (Move.GAINED, Move.MORE)

MOVES = pl.Schema(
    {
        "subject_id": pl.String(),
        "move": MOVE,
        "before_fen": pl.Int64(),
        "after_fen": pl.Int64(),
        "before_most_fen": pl.Int64(),
        "after_most_fen": pl.Int64(),
    }
)
"""One row per subject; amounts of one period, at least, and at most (null: no limit)."""


@dataclass(frozen=True, slots=True)
class MoveCount:
    """How many subjects there are of a kind of move, and what they have for certain, before and after.

    Units: fen per period.
    """

    people: int
    before_fen: int
    after_fen: int

    @property
    def difference_fen(self) -> int:
        """Return what changes."""
        return self.after_fen - self.before_fen


def moves_between(before: pl.LazyFrame, after: pl.LazyFrame) -> pl.DataFrame:
    """Return what happens to each subject of two frames of `engine.planning.answers` with one row per subject.

    Shape: `MOVES`, by subject; who is in one frame alone is not met in the other, who is in neither is left out.
    """
    columns = ("outcome", "at_least_fen", "at_most_fen")
    old = before.select("subject_id", *(pl.col(name).alias(f"old:{name}") for name in columns))
    new = after.select("subject_id", *(pl.col(name).alias(f"new:{name}") for name in columns))
    not_met = pl.lit("not_met", dtype=OUTCOME)
    both = old.join(new, on="subject_id", how="full", coalesce=True, validate="1:1").with_columns(
        pl.col("old:at_most_fen").fill_null(pl.when(pl.col("old:outcome").is_null()).then(pl.lit(0, dtype=pl.Int64))),
        pl.col("new:at_most_fen").fill_null(pl.when(pl.col("new:outcome").is_null()).then(pl.lit(0, dtype=pl.Int64))),
        pl.col("old:outcome", "new:outcome").fill_null(not_met),
        pl.col("old:at_least_fen", "new:at_least_fen").fill_null(0),
    )
    return (
        both.select(
            "subject_id",
            _move().alias("move"),
            before_fen="old:at_least_fen",
            after_fen="new:at_least_fen",
            before_most_fen="old:at_most_fen",
            after_most_fen="new:at_most_fen",
        )
        .sort("subject_id")
        .collect()
    )


def _move() -> pl.Expr:
    """Return the move as an expression.

    Nulls: an upper limit that is null, on both sides, is the same; else the amount is open.
    """
    old, new = pl.col("old:outcome"), pl.col("new:outcome")
    least, most = pl.col("new:at_least_fen"), pl.col("new:at_most_fen")
    old_least, old_most = pl.col("old:at_least_fen"), pl.col("old:at_most_fen")
    is_same = (least == old_least) & most.eq_missing(old_most)
    are_known = (least == most).fill_null(value=False) & (old_least == old_most).fill_null(value=False)
    kept = (
        pl.when(is_same)
        .then(pl.lit(Move.SAME.value))
        .when(are_known.not_())
        .then(pl.lit(Move.OPEN.value))
        .when(least > old_least)
        .then(pl.lit(Move.MORE.value))
        .otherwise(pl.lit(Move.LESS.value))
    )
    was_met, is_met = old == "met", new == "met"
    return (
        pl.when(was_met & is_met)
        .then(kept)
        .when(is_met)
        .then(pl.lit(Move.GAINED.value))
        .when(was_met & (new == "not_met"))
        .then(pl.lit(Move.LOST.value))
        .when(was_met)
        .then(pl.lit(Move.IN_DOUBT.value))
        .when((old == "not_met") & (new == "unknown"))
        .then(pl.lit(Move.NEWLY_UNKNOWN.value))
        .when((old == "unknown") & (new == "not_met"))
        .then(pl.lit(Move.NO_LONGER_UNKNOWN.value))
        .otherwise(pl.lit(Move.NEITHER.value))
        .cast(MOVE)
    )


def count_moves(moves: pl.DataFrame, population: int) -> dict[Move, MoveCount]:
    """Return how many subjects of a population make each move; who is left out of the moves makes none."""
    rows = moves.group_by("move").agg(pl.len(), pl.col("before_fen").sum(), pl.col("after_fen").sum())
    found = {Move(move): MoveCount(people, before, after) for move, people, before, after in rows.iter_rows()}
    counts = {move: found.get(move, MoveCount(0, 0, 0)) for move in Move}
    counts[Move.NEITHER] = MoveCount(counts[Move.NEITHER].people + population - moves.height, 0, 0)
    return counts
