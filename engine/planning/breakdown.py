"""Who they are that a change moves: tables by dimension, and groups of people who are moved for the same reason.

Nothing here names anybody, and nothing shows a group too small to hide in (`engine.planning.disclosure`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.money import yuan_text
from engine.match import decide
from engine.planning.bands import Bands
from engine.planning.disclosure import K_LEAST, shown_cells
from engine.planning.moves import CHANGED, Move
from profiles.catalogue import Catalogue
from rules.bound import RuleVersion
from rules.compiled import compile_version

REASONS_SHOWN_MAX = 5  # per move; the others are counted together
_TYPICAL_SHARE = 2  # a group is typical of people where at least one in so many belongs to it
_BY_AMOUNT = (Move.MORE, Move.LESS, Move.OPEN)
_BEFORE = (Move.GAINED,)  # their reason lies in what kept them out

Group = str | int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """People of one move in one group, and what changes for them a period; None is not shown.

    Units: fen.
    """

    people: int | None
    difference_fen: int | None


@dataclass(frozen=True, slots=True)
class BandRow:
    """One group of a dimension with its cell for each move of the table."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class BandTable:
    """The moves of one policy by one dimension; each column adds up to what the policy's summary says.

    `withheld` are the moves that too few make to be broken down at all.
    """

    code: str
    label: str
    moves: tuple[Move, ...]
    withheld: tuple[Move, ...]
    rows: tuple[BandRow, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """People whom a change moves for the same reason; `reason` None stands for all other reasons together.

    `typical` names, by dimension, the group that most of them belong to.
    """

    move: Move
    reason: str | None
    people: int
    typical: tuple[tuple[str, str], ...] = ()


def band_tables(moves: pl.DataFrame, groups: pl.DataFrame, dimensions: Sequence[Bands]) -> tuple[BandTable, ...]:
    """Return a table for each dimension, with a column for each move that anybody makes.

    Shape: `MOVES` of those who are moved; their groups by `subject_id`.
    """
    placed = moves.join(groups, on="subject_id", how="left", validate="1:1")
    made = [move for move in CHANGED if (moves["move"] == move.value).any()]
    return tuple(_table(placed, each, made) for each in dimensions) if made else ()


def _table(placed: pl.DataFrame, bands: Bands, made: Sequence[Move]) -> BandTable:
    """Return one table; a move whose cells are all hidden has no column, and no row tells where its people are."""
    code = bands.dimension.code
    difference = (pl.col("after_fen") - pl.col("before_fen")).sum()
    rows = placed.group_by(code, "move").agg(pl.len(), difference.alias("difference"))
    counts = {(group, Move(move)): (people, fen) for group, move, people, fen in rows.iter_rows()}
    names: list[Group] = sorted({group for group, _ in counts}, key=bands.order)
    columns = {move: _column({group: counts.get((group, move), (0, 0)) for group in names}) for move in made}
    shown = {move: cells for move, cells in columns.items() if any(cell.people is not None for cell in cells.values())}
    kept = [group for group in names if any((group, move) in counts for move in shown)]
    table = tuple(BandRow(bands.label(group), tuple(cells[group] for cells in shown.values())) for group in kept)
    return BandTable(
        code, bands.dimension.label, tuple(shown), tuple(move for move in made if move not in shown), table
    )


def _column(found: Mapping[Group, tuple[int, int]]) -> dict[Group, Cell]:
    """Return one column; where any of its cells is hidden its money is hidden too: amounts would tell people apart."""
    shown = shown_cells({group: people for group, (people, _) in found.items()})
    is_whole = None not in shown.values()
    return {group: Cell(shown[group], fen if is_whole else None) for group, (_, fen) in found.items()}


def alike(
    moves: pl.DataFrame,
    reasons: pl.DataFrame,
    groups: pl.DataFrame,
    dimensions: Sequence[Bands],
) -> tuple[Alike, ...]:
    """Return groups of people who are moved alike, the largest first within each move.

    Shape: `MOVES` of those who are moved; `subject_id` and `reason`; their groups by `subject_id`.
    """
    known = moves.join(reasons, on="subject_id", how="left").join(groups, on="subject_id", how="left")
    return tuple(
        each for move in CHANGED for each in _of_move(move, known.filter(pl.col("move") == move.value), dimensions)
    )


def _of_move(move: Move, people: pl.DataFrame, dimensions: Sequence[Bands]) -> list[Alike]:
    if people.height < K_LEAST:
        return []
    rows = people.group_by("reason").len().sort(["len", "reason"], descending=[True, False])
    counts: dict[str | None, int] = dict(rows.iter_rows())
    shown = shown_cells(counts)
    is_told_by_amounts = move in _BY_AMOUNT and None in shown.values()
    chosen = [reason for reason, count in shown.items() if count and reason is not None and not is_told_by_amounts]
    told = [
        Alike(move, reason, counts[reason], _typical(people.filter(pl.col("reason") == reason), dimensions))
        for reason in chosen[:REASONS_SHOWN_MAX]
    ]
    rest = people.height - sum(each.people for each in told)
    return [*told, Alike(move, None, rest)] if rest else told


def _typical(people: pl.DataFrame, dimensions: Sequence[Bands]) -> tuple[tuple[str, str], ...]:
    found = []
    for each in dimensions:
        code = each.dimension.code
        group, count = people.group_by(code).len().sort(["len", code], descending=[True, False]).row(0)
        if count >= max(K_LEAST, people.height / _TYPICAL_SHARE) and group is not None:
            found.append((each.dimension.label, each.label(group)))
    return tuple(found)


def reasons_of(
    moves: pl.DataFrame,
    profiles: tuple[pl.LazyFrame, pl.LazyFrame],
    versions: tuple[RuleVersion | None, RuleVersion | None],
    catalogue: Catalogue,
) -> pl.DataFrame:
    """Return why each subject is moved, in the officer's words: `subject_id`, `reason`.

    Shape:   `MOVES` of those who are moved; their profiles on the measuring day, and the version that stands on it,
             before and after; None where none does.
    """
    by_amount = moves.filter(pl.col("move").is_in([move.value for move in _BY_AMOUNT]))
    kept_out = moves.filter(pl.col("move").is_in([move.value for move in _BEFORE]))
    others = moves.join(pl.concat([by_amount, kept_out]), on="subject_id", how="anti")
    return pl.concat(
        [
            _amount_words(by_amount),
            _criteria_words(kept_out, profiles[0], versions[0], catalogue, without="此前没有执行中的版本"),
            _criteria_words(others, profiles[1], versions[1], catalogue, without="不再有执行中的版本"),
        ]
    )


def _amount_words(moves: pl.DataFrame) -> pl.DataFrame:
    pairs = ("before_fen", "before_most_fen", "after_fen", "after_most_fen")
    words = {
        row: f"每期 {_range_words(row[0], row[1])} → {_range_words(row[2], row[3])} 元"
        for row in moves.select(pairs).unique().iter_rows()
    }
    reasons = [words[row] for row in moves.select(pairs).iter_rows()]
    return moves.select("subject_id", pl.Series("reason", reasons, dtype=pl.String))


def _range_words(least: int, most: int | None) -> str:
    if most is None:
        return f"{yuan_text(least)} 以上"
    return yuan_text(least) if least == most else f"{yuan_text(least)} 至 {yuan_text(most)}"


def _criteria_words(
    moves: pl.DataFrame, profiles: pl.LazyFrame, version: RuleVersion | None, catalogue: Catalogue, *, without: str
) -> pl.DataFrame:
    """Return the criteria that do not hold or, where none fails, the facts that are missing."""
    if version is None or moves.is_empty():
        return moves.select("subject_id", pl.lit(without).alias("reason"))
    own = profiles.filter(pl.col("subject_id").is_in(moves["subject_id"].implode()))
    decided = decide(own, compile_version(version)).select("subject_id", "failing", "missing").collect()
    labels = {each.id: each.label for each in version.criteria}
    keys = decided.select(pl.col("failing").list.join("\x1f"), pl.col("missing").list.join("\x1f"))
    words = {
        (failing, missing): _words(failing, missing, labels, catalogue)
        for failing, missing in keys.unique().iter_rows()
    }
    return decided.select("subject_id", pl.Series("reason", [words[row] for row in keys.iter_rows()], dtype=pl.String))


def _words(failing: str, missing: str, labels: Mapping[str, str], catalogue: Catalogue) -> str:
    if failing:
        return "不满足：" + "、".join(labels[each] for each in failing.split("\x1f"))
    if missing:
        return "缺少：" + "、".join(catalogue.attributes[each].label for each in missing.split("\x1f"))
    return "条件均满足"
