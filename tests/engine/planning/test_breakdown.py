"""Tables and reasons hide whom they would give away."""

import polars as pl

from core.values import ValueType
from engine.planning.bands import Bands
from engine.planning.breakdown import Cell, alike, band_tables
from engine.planning.moves import MOVES, Move
from profiles.catalogue import Attribute
from profiles.dimensions import Dimension

SIZE = Bands(
    Dimension(code="size", label="规模", subject="enterprise", attribute="size"),
    Attribute(code="size", label="规模", subject="enterprise", type=ValueType.TEXT, sensitivity=1),
)


def moved(*who: tuple[Move, str, int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return so many subjects of a move and a size, each getting 100 fen more; their moves and their groups."""
    rows = [(move, size) for move, size, count in who for _ in range(count)]
    moves = [(f"s{n:03d}", move.value, 0, 100, 0, 100) for n, (move, _) in enumerate(rows)]
    groups = {"subject_id": [row[0] for row in moves], "size": [size for _, size in rows]}
    return pl.DataFrame(moves, schema=MOVES, orient="row"), pl.DataFrame(groups)


def test_a_column_with_a_hidden_cell_has_no_money() -> None:
    """3 small ones are hidden, with the 9 medium ones; what they get would tell how many they are."""
    (table,) = band_tables(*moved((Move.GAINED, "大", 20), (Move.GAINED, "中", 9), (Move.GAINED, "小", 3)), [SIZE])

    cells = {row.label: row.cells[0] for row in table.rows}
    assert cells == {"大": Cell(20, None), "中": Cell(None, None), "小": Cell(None, None)}


def test_a_whole_column_has_its_money() -> None:
    """Nobody can be told apart among six and twenty."""
    (table,) = band_tables(*moved((Move.GAINED, "大", 20), (Move.GAINED, "小", 6)), [SIZE])

    assert [(row.label, row.cells) for row in table.rows] == [("大", (Cell(20, 2000),)), ("小", (Cell(6, 600),))]


def test_moves_have_columns_of_their_own() -> None:
    """A small cell of one move hides nothing of another; a move that nobody makes has no column."""
    (table,) = band_tables(*moved((Move.GAINED, "大", 20), (Move.LOST, "大", 9), (Move.LOST, "小", 1)), [SIZE])

    assert (table.moves, table.withheld) == ((Move.GAINED,), (Move.LOST,))
    assert [(row.label, row.cells[0].people) for row in table.rows] == [("大", 20)]


def test_where_the_few_are_is_not_told_by_a_row() -> None:
    """Three lose, all of them small: there is no row that says so."""
    (table,) = band_tables(*moved((Move.LOST, "小", 3)), [SIZE])

    assert (table.moves, table.withheld, table.rows) == ((), (Move.LOST,), ())


def _alike(reasons: dict[str, int], move: Move = Move.GAINED) -> list[tuple[str | None, int]]:
    moves, groups = moved(*((move, "大", count) for count in reasons.values()))
    words = [reason for reason, count in reasons.items() for _ in range(count)]
    told = moves.select("subject_id", pl.Series("reason", words))
    return [(each.reason, each.people) for each in alike(moves, told, groups, [SIZE])]


def test_small_reasons_are_told_together() -> None:
    """Two and three people are the others; with them the smallest that is large enough."""
    assert _alike({"甲": 50, "乙": 9, "丙": 3, "丁": 2}) == [("甲", 50), (None, 14)]


def test_amounts_are_told_only_where_none_is_hidden() -> None:
    """The tariff is public: from the money of the others their amounts could be worked out."""
    assert _alike({"100 → 200": 50, "100 → 300": 9, "1 → 2": 1}, Move.MORE) == [(None, 60)]
    assert _alike({"100 → 200": 50, "100 → 300": 9}, Move.MORE) == [("100 → 200", 50), ("100 → 300", 9)]


def test_fewer_than_five_have_no_reasons() -> None:
    """Four people are not broken down."""
    assert _alike({"甲": 4}) == []


def test_most_of_a_group_are_named() -> None:
    """Half or more of those who move for one reason are large."""
    moves, groups = moved((Move.GAINED, "大", 6), (Move.GAINED, "小", 5))
    told = moves.select("subject_id", pl.lit("甲").alias("reason"))

    (each,) = alike(moves, told, groups, [SIZE])

    assert each.typical == (("规模", "大"),)
