import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.capital_amounts import yuan_capital

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = {"拾": 10, "佰": 100, "仟": 1_000}


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        pytest.param(140_950, "人民币壹仟肆佰零玖元伍角整", id="zero-between-digits"),
        pytest.param(600_714, "人民币陆仟零柒元壹角肆分", id="two-zeros-between-digits"),
        pytest.param(168_032, "人民币壹仟陆佰捌拾元叁角贰分", id="zero-before-yuan-with-jiao"),
        pytest.param(1_640_902, "人民币壹万陆仟肆佰零玖元零贰分", id="zero-jiao"),
        pytest.param(10_700_053, "人民币壹拾万柒仟元伍角叁分", id="zeros-before-yuan"),
        pytest.param(0, "人民币零元整", id="nothing"),
        pytest.param(5, "人民币伍分", id="only-fen"),
        pytest.param(50, "人民币伍角整", id="only-jiao"),
        pytest.param(1_000_000_000_000, "人民币壹佰亿元整", id="ten-billion"),
        pytest.param(10_000_000_100, "人民币壹亿零壹元整", id="zeros-across-groups"),
        pytest.param(1_000_100_000, "人民币壹仟万壹仟元整", id="a-group-that-ends-in-zero"),
    ],
)
def test_capital_numerals(fen: int, words: str) -> None:
    """支付结算办法, 附一, 二: the first five amounts are its own examples; it leaves out 零 before 角 where one may."""
    assert yuan_capital(fen) == words


@given(st.integers(0, 10**17))
def test_it_reads_back(fen: int) -> None:
    """No two amounts read the same, and each reads as itself."""
    assert read(yuan_capital(fen)) == fen


def read(words: str) -> int:
    """Return the fen that capital numerals say, as a person reads them."""
    words = words.removeprefix("人民币").removesuffix("整").replace("零", "")
    yuan, rest = words.split("元") if "元" in words else ("", words)
    total = 0
    for group, worth in (("万亿", 10**12), ("亿", 10**8), ("万", 10**4), ("", 1)):
        part, yuan = yuan.split(group, 1) if group and group in yuan else ("", yuan) if group else (yuan, "")
        total += whole(part) * worth
    jiao, _, rest = rest.rpartition("角")
    return total * 100 + whole(jiao) * 10 + whole(rest.removesuffix("分"))


def whole(words: str) -> int:
    """Return a number below ten thousand."""
    total, digit = 0, 0
    for each in words:
        if each in PLACES:
            total, digit = total + digit * PLACES[each], 0
        else:
            digit = DIGITS.index(each)
    return total + digit
