"""Size classes: each bound of the table, and what an unknown figure leaves open."""

from collections.abc import Iterator

import pytest

from rules.areas import industry_table
from rules.closures import Value, closure
from rules.sizes import SIZE_CLASSES, UNSIZED, WrittenRow, size_table
from rules.tree import canonical
from rules.wording import opposite, wording
from tests.rules.samples import DAY, bind

SIZE = "size_class(行业代码, 家庭人数, 家庭月收入, 家庭月收入 * 费率)"
FEN_PER_TEN_THOUSAND = 1_000_000


def size_of(industry: str | None, staff: int | None, revenue: int | None) -> Value:
    """Return the class of an enterprise whose assets are ten times its revenue."""
    text = "size_class(行业代码, 家庭人数, 家庭月收入, 家庭月收入 * 10)"
    fen = None if revenue is None else revenue * FEN_PER_TEN_THOUSAND
    facts: dict[str, Value] = {"industry": industry, "household_size": staff, "income_month": fen}
    return closure(bind(text))(facts, DAY)  # type: ignore[no-any-return]  # a text


def is_one_of(industry: str | None, staff: int | None, revenue: int | None, *sizes: str) -> Value:
    """Ask whether an enterprise is of some classes; assets as above."""
    listed = ", ".join(f'"{size}"' for size in sizes)
    text = f"size_class(行业代码, 家庭人数, 家庭月收入, 家庭月收入 * 10) in [{listed}]"
    fen = None if revenue is None else revenue * FEN_PER_TEN_THOUSAND
    facts: dict[str, Value] = {"industry": industry, "household_size": staff, "income_month": fen}
    return closure(bind(text))(facts, DAY)  # type: ignore[no-any-return]  # a condition


def bounds() -> Iterator[tuple[WrittenRow, str, int]]:
    for row in size_table().rows:
        for measure in ("staff", "revenue", "assets"):
            if getattr(row, measure) is not None:
                yield from ((row, measure, level) for level in (1, 2, 3))


@pytest.mark.parametrize(
    ("row", "measure", "level"),
    [pytest.param(*each, id=f"{each[0].name}-{each[1]}-{SIZE_CLASSES[each[2]]}") for each in bounds()],
)
def test_each_bound(row: WrittenRow, measure: str, level: int) -> None:
    """With everything else large: at a bound the class is that of the bound, just below it one less."""
    text = "size_class(行业代码, 残疾等级, 家庭月收入, 家庭人数)"
    code = row.industries[0]
    industry = f"{industry_table().sections[code].first:02d}" if code.isalpha() else code
    bound = getattr(row, measure)[3 - level]
    huge = {"staff": 10**9, "revenue": 10**9, "assets": 10**9}
    classes = []
    for value in (
        bound * 10_000 - 1 if measure != "staff" else bound - 1,
        bound * 10_000 if measure != "staff" else bound,
    ):
        figures = huge | {measure: value}
        facts: dict[str, Value] = {
            "industry": industry,
            "level": figures["staff"],
            "income_month": figures["revenue"] * 100 if measure == "revenue" else 10**15,
            "household_size": figures["assets"] if measure == "assets" else 10**12,
        }
        classes.append(closure(bind(text))(facts, DAY))

    assert classes == [SIZE_CLASSES[level - 1], SIZE_CLASSES[level]]


@pytest.mark.parametrize(
    ("industry", "staff", "revenue", "size"),
    [
        ("C1311", 1000, 40_000, "大型"),
        ("C1311", 1000, 39_999, "中型"),
        ("C1311", 999, 40_000, "中型"),
        ("C1311", 5_000, 299, "微型"),
        ("1311", 20, 300, "小型"),
        ("C", 20, 300, "小型"),
        ("A0111", None, 500, "中型"),
        ("J6621", 5, 5, UNSIZED),
        ("P8310", None, None, UNSIZED),
        ("5310", 1, 1, UNSIZED),
        ("7040", 1, 1, UNSIZED),
        ("5911", 1000, 30_000, "大型"),
        ("5921", 1000, 30_000, "大型"),
        ("C1311", None, 299, "微型"),
        ("C1311", 19, None, "微型"),
        ("C1311", None, 40_000, None),
        ("59", 30, 300, None),
        ("59", 150, 1_000, None),
        ("51", 4, 1, "微型"),
        (None, 1, 1, None),
        ("F", 4, 1, "微型"),
        ("K", 1, 1, None),
    ],
)
def test_classes(industry: str | None, staff: int | None, revenue: int | None, size: str | None) -> None:
    """One bound missed drops a class; what no row holds is not classed; open where more than one class is possible."""
    assert size_of(industry, staff, revenue) == size


@pytest.mark.parametrize(
    ("industry", "staff", "revenue", "sizes", "answer"),
    [
        ("C1311", None, 300, ["小型", "微型"], True),
        ("C1311", None, 300, ["小型"], None),
        ("C1311", None, 2_000, ["小型", "微型"], None),
        ("C1311", None, 1_999, ["中型", "大型"], False),
        ("C1311", None, None, ["小型", "微型", "中型", "大型"], True),
        ("C1311", None, None, [UNSIZED], False),
        ("J66", None, None, ["小型"], False),
        (None, 5, 5, [UNSIZED], None),
    ],
)
def test_certain_though_a_figure_is_unknown(
    industry: str | None, staff: int | None, revenue: int | None, sizes: list[str], answer: bool | None
) -> None:
    """Small or micro is small and micro enough, whichever of the two it is."""
    assert is_one_of(industry, staff, revenue, *sizes) is answer


def test_equality_and_its_opposite_are_memberships() -> None:
    """`==` and `!=` know as much as `in`."""
    assert bind(f'{SIZE} == "微型"') == bind(f'{SIZE} in ["微型"]')
    assert bind(f'{SIZE} != "微型"') == bind(f'not {SIZE} in ["微型"]')


def test_the_table_is_part_of_the_tree() -> None:
    """A bound that changes changes fingerprints."""
    said = canonical(bind(f'{SIZE} == "微型"'))

    assert all(str(bound * 10_000) in said for row in size_table().rows for bound in row.revenue or ())


def test_wording() -> None:
    """The method is named, and what it reads."""
    node = bind(f'{SIZE} in ["小型", "微型"]')

    assert wording(node) == ("统计上的企业划型（按行业代码、家庭月收入、家庭人数、家庭月收入乘以费率）为“小型”或“微型”")
    assert opposite(node).endswith("不是“小型”或“微型”")
