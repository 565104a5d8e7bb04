"""Vectors of GB 11643-1999 and GB 32100-2015, recomputed by hand (`docs/sources.md`)."""

import polars as pl
import pytest

from profiles.catalogue import NumberType
from profiles.numbers import check_digit_ok, is_well_formed, normalise
from tests.profiles.deliveries import full_width


def one(number: str | None) -> pl.Series:
    """Return a column of one number."""
    return pl.Series([number], dtype=pl.String)


@pytest.mark.parametrize(
    ("type_", "written", "normal"),
    [
        pytest.param("citizen_id", "11010519491231002x", "11010519491231002X", id="small-x"),
        pytest.param("citizen_id", full_width("11010519491231002x"), "11010519491231002X", id="full-width"),
        pytest.param("citizen_id", " 110105 19491231 002X\t", "11010519491231002X", id="blanks"),
        pytest.param("citizen_id", "'11010519491231002X", "11010519491231002X", id="excel-apostrophe"),
        pytest.param("citizen_id", "\u200b11010519491231002X", "11010519491231002X", id="invisible-blank"),
        pytest.param("citizen_id", "110105491231002", "11010519491231002X", id="fifteen-digits"),
        pytest.param("citizen_id", "11010549123100", "11010549123100", id="fourteen-digits-stay"),
        pytest.param("uscc", "91350100-m000100y43", "91350100M000100Y43", id="hyphen-and-small-letters"),
        pytest.param("household_no", " h-0012 ", "H-0012", id="household-keeps-its-hyphen"),
        pytest.param("citizen_id", "", None, id="empty"),
        pytest.param("citizen_id", "  ", None, id="only-blanks"),
        pytest.param("citizen_id", None, None, id="not-given"),
    ],
)
def test_normalise(type_: NumberType, written: str | None, normal: str | None) -> None:
    """One number is written one way, whoever delivers it."""
    assert normalise(one(written), type_).to_list() == [normal]


def test_normalise_leaves_its_input_alone() -> None:
    """A column is a value: nothing that another part holds changes under its hands."""
    numbers = pl.Series(["110105491231002", "440524188001010014"])

    normalise(numbers, "citizen_id")

    assert numbers.to_list() == ["110105491231002", "440524188001010014"]


@pytest.mark.parametrize(
    ("type_", "number", "is_right"),
    [
        pytest.param("citizen_id", "11010519491231002X", True, id="the-standard's-own-example"),
        pytest.param("citizen_id", "440524188001010014", True, id="born-in-1880"),
        pytest.param("citizen_id", "110105194912310021", False, id="another-check-sign"),
        pytest.param("citizen_id", "11010519491231012X", False, id="one-digit-off"),
        pytest.param("citizen_id", "310118199002301234", False, id="thirtieth-of-february"),
        pytest.param("citizen_id", "CHN123456789012", True, id="foreigner's-card-has-no-check"),
        pytest.param("uscc", "91350100M000100Y43", True, id="fujian"),
        pytest.param("uscc", "91110000600037341L", True, id="beijing"),
        pytest.param("uscc", "91440300708461136T", True, id="shenzhen"),
        pytest.param("uscc", "91330106673959654P", True, id="hangzhou"),
        pytest.param("uscc", "91350100M0001TGQXM", False, id="lawful-exception-computes-1"),
        pytest.param("uscc", "91350211M0000XUF46", False, id="lawful-exception-computes-R"),
        pytest.param("uscc", "91350203M0001FUE2P", False, id="lawful-exception-computes-J"),
        pytest.param("household_no", "H0012", True, id="households-have-none"),
    ],
)
def test_check_digit(type_: NumberType, number: str, *, is_right: bool) -> None:
    """The three codes of the first pilot are lawful all the same: that is why this only warns."""
    assert is_well_formed(one(number), type_).to_list() == [True]
    assert check_digit_ok(one(number), type_).to_list() == [is_right]


@pytest.mark.parametrize(
    ("type_", "number"),
    [
        pytest.param("citizen_id", "1101051949123100", id="sixteen-signs"),
        pytest.param("citizen_id", "1101051949123100X2", id="x-in-the-middle"),
        pytest.param("citizen_id", "110105********002X", id="masked"),
        pytest.param("uscc", "91350100M000100Y4", id="seventeen-signs"),
        pytest.param("uscc", "91350100I000100Y43", id="letter-i-is-no-sign"),
        pytest.param("uscc", "350100100000001", id="registration-number-of-old"),
        pytest.param("household_no", "H" * 41, id="too-long"),
    ],
)
def test_is_well_formed_says_no(type_: NumberType, number: str) -> None:
    """What cannot be a number of its type names nobody."""
    assert is_well_formed(one(number), type_).to_list() == [False]


@pytest.mark.parametrize("number", ["350100100000001", "3501001000000", "600037341", "M000100Y4", "91350100M000100Y43"])
def test_a_former_number_of_an_enterprise_may_be_an_old_one(number: str) -> None:
    """Before 2015 enterprises had registration numbers and organisation codes; registers still carry them."""
    assert is_well_formed(one(number), "uscc", is_former=True).to_list() == [True]


def test_null_is_neither_right_nor_wrong() -> None:
    """A number not given is no wrong number."""
    for type_ in ("citizen_id", "uscc", "household_no"):
        assert is_well_formed(one(None), type_).to_list() == [None]
        assert check_digit_ok(one(None), type_).to_list() == [None]


def test_each_number_is_judged_alone() -> None:
    """Neighbours do not matter, in whichever order."""
    numbers = pl.Series(["91350100M000100Y43", None, "x", "91350100M0001TGQXM", "91350100M000100Y43"])

    assert check_digit_ok(numbers, "uscc").to_list() == [True, None, True, False, True]
