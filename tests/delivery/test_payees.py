import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import text_digest
from delivery.accounts import Account
from delivery.codes import DeliveryCode
from delivery.payees import Payee, account_number, account_numbers, obstacle, one_line, one_lines
from tests.delivery.samples import account, payee


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("王\n五\t六", "王 五 六", id="line-breaks"),
        pytest.param("\u202e1234\u202c", "1234", id="hidden-directions"),
        pytest.param("张\u3000三 ", "张 三", id="wide-spaces"),
        pytest.param("\ue863\U00030000\U000323b0", "\ue863\U00030000\U000323b0", id="rare-surnames-stay"),
        pytest.param("\ud800", "", id="half-a-character"),
    ],
)
def test_one_line(text: str, expected: str) -> None:
    assert one_line(text) == expected


def test_an_account_is_half_width_without_spaces() -> None:
    assert account_number(" \uff10\uff16\uff12\uff12 0200\u200b0012\n34") == "06220200001234"


@pytest.mark.parametrize(
    ("accounts", "expected"),
    [
        pytest.param([account(1)], None, id="one"),
        pytest.param([], DeliveryCode.NO_ACCOUNT, id="none"),
        pytest.param([Account("  ", "工行")], DeliveryCode.NO_ACCOUNT, id="an-empty-one"),
        pytest.param([account(1), account(2)], DeliveryCode.SEVERAL_ACCOUNTS, id="two"),
        pytest.param([account(1), account(1)], None, id="the-same-twice"),
        pytest.param([Account("见附件", "工行")], DeliveryCode.ACCOUNT_UNUSABLE, id="words"),
        pytest.param([Account("123", "工行")], DeliveryCode.ACCOUNT_UNUSABLE, id="too-short"),
        pytest.param([Account("31050-1234-5678", "")], None, id="with-dashes-and-no-bank"),
    ],
)
def test_what_stands_in_the_way_of_paying(accounts: list[Account], expected: DeliveryCode | None) -> None:
    assert in_the_way(payee(accounts=accounts)) == expected


def test_a_payee_without_a_name_cannot_be_paid() -> None:
    assert in_the_way(payee(name=" \n")) == DeliveryCode.NO_NAME


def in_the_way(one: pl.DataFrame) -> DeliveryCode | None:
    """Return why one payee cannot be paid."""
    (name,) = one.select(obstacle().alias("obstacle"))["obstacle"]
    return None if name is None else DeliveryCode[name]


def test_nothing_personal_shows() -> None:
    """A payee that gets into a log shows its id and a keyed digest."""
    shown = repr(Payee.of_row(payee(1, name="张小三").row(0, named=True)))

    assert "张" not in shown
    assert account(1).number not in shown


WORDS = st.text(max_size=4)
NUMBERS = st.text("12 ", max_size=3)


@given(names=st.tuples(WORDS, WORDS), numbers=st.tuples(NUMBERS, NUMBERS))
def test_a_digest_is_of_what_is_paid(names: tuple[str, str], numbers: tuple[str, str]) -> None:
    """The same digest means the same cleaned name and accounts; fields never run together."""
    first, second = (payee(1, name, [Account(number, "")]) for name, number in zip(names, numbers, strict=True))

    said = [each.select("name", "accounts").row(0) for each in (first, second)]
    assert (first["digest"][0] == second["digest"][0]) == (said[0] == said[1])


def test_a_digest_needs_the_key() -> None:
    """Whoever has the database, but not the key, cannot find accounts by trying."""
    other = payee(keyed=lambda texts: [text_digest("another key", text) for text in texts])

    assert other["digest"][0] != payee()["digest"][0]


@given(st.lists(st.one_of(st.none(), st.text(max_size=6), st.sampled_from(["张 三", "６２２２ 02", "6222-01", " "]))))
def test_columns_are_cleaned_as_texts_are(texts: list[str | None]) -> None:
    """Whatever is in them: what looks clean is left as it is, and is clean."""
    column = pl.Series(texts, dtype=pl.String)

    assert one_lines(column).to_list() == [None if each is None else one_line(each) for each in texts]
    assert account_numbers(column).to_list() == [None if each is None else account_number(each) for each in texts]
