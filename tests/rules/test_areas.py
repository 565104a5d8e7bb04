import pytest

from rules.areas import BadCodeError, check_area, industry_table, region_name, region_table
from rules.closures import closure
from tests.rules.samples import DAY, bind


def lies_within(code: str | None, *areas: str) -> bool | None:
    """Ask whether a region lies in one of some areas."""
    words = ", ".join(f'"{area}"' for area in areas)
    return closure(bind(f"within(户籍区划, {words})"))({"hukou_region": code}, DAY)  # type: ignore[no-any-return]


def belongs_to(code: str | None, *classes: str) -> bool | None:
    """Ask whether an industry code belongs to one of some classes."""
    words = ", ".join(f'"{each}"' for each in classes)
    return closure(bind(f"industry_in(行业代码, {words})"))({"industry": code}, DAY)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("code", "areas", "answer"),
    [
        ("310118", ["31"], True),
        ("310118001002", ["310118"], True),
        ("320500", ["31"], False),
        ("320500", ["31", "32"], True),
        ("310118", ["310118000000"], True),
        ("310103", ["310101"], True),
        ("310103005", ["310101"], True),
        ("310229", ["310118"], True),
        ("310230", ["310151"], True),
        ("310225", ["310115"], True),
        ("310103", ["310106"], False),
        ("310229", ["3101"], True),
        ("310000", ["31"], True),
        ("310000", ["310118"], None),
        ("310100", ["310118"], None),
        ("310000000000", ["310118"], None),
        ("310118000", ["310118001"], None),
        ("310118000000", ["310118001"], None),
        ("320000", ["310118"], False),
        (None, ["31"], None),
    ],
)
def test_regions(code: str | None, areas: list[str], answer: bool | None) -> None:
    """A district's old code counts as the district; a code that is coarser than the question tells nothing."""
    assert lies_within(code, *areas) is answer


@pytest.mark.parametrize(
    ("code", "classes", "answer"),
    [
        ("C1311", ["C13-C43"], True),
        ("1311", ["C13-C43"], True),
        ("4390", ["13–43"], True),
        ("4410", ["C13-C43"], False),
        ("7010", ["7010"], True),
        ("K7010", ["7010"], True),
        ("7020", ["7010"], False),
        ("70", ["7010"], None),
        ("K", ["7010"], None),
        ("K", ["70"], True),
        ("K", ["K"], True),
        ("C", ["C13-C43"], True),
        ("C", ["C13-C42"], None),
        ("J", ["C13-C43", "7010"], False),
        ("1311", ["C"], True),
        ("0111", ["A-B"], True),
        ("1311", ["131"], True),
        ("1320", ["131"], False),
        ("13", ["131"], None),
        (None, ["C"], None),
    ],
)
def test_industries(code: str | None, classes: list[str], answer: bool | None) -> None:
    """With its letter or without, by prefix or by range; too coarse a code tells nothing."""
    assert belongs_to(code, *classes) is answer


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("C43-C13", "ends before it begins"),
        ("C131-C43", "is not a range of divisions"),
        ("C13-C20-C43", "is not a range of divisions"),
        ("13A", "is not an industry code"),
        ("C-", "is not an industry code"),
        ("A99", "division 99 is not in section A"),
    ],
)
def test_bad_industries(written: str, message: str) -> None:
    """What is no class is refused with what to write."""
    with pytest.raises(AssertionError, match=message):
        belongs_to("1311", written)


def test_the_tables_are_whole() -> None:
    """Retired codes lead to codes in use; sections follow each other without a gap."""
    codes = {retired.code for retired in region_table().retired}
    assert not codes & {retired.successor for retired in region_table().retired}
    assert all(region_name(retired.successor) for retired in region_table().retired)

    sections = list(industry_table().sections.values())
    assert [section.first for section in sections[1:]] == [section.last + 1 for section in sections[:-1]]


def test_names_and_zeros() -> None:
    """Filling zeros do not change an area."""
    assert check_area("310000000000") == "31"
    assert region_name("310118000000") == "青浦区"
    assert region_name("310118106000") == "青浦区徐泾镇"
    assert region_name("999999") is None
    with pytest.raises(BadCodeError, match="not a region code"):
        check_area("上海")
