"""No list for the public can hold a name or a number that no mask has made."""

import pytest

from delivery.identities import Identity
from delivery.masked import Masked, PublicPerson


def test_no_text_becomes_a_masked_word() -> None:
    """Neither by its class, nor by changing one that is there."""
    word = Masked.name("张三丰")

    with pytest.raises(TypeError):
        Masked("张三丰")  # type: ignore[call-arg]  # that is the point
    with pytest.raises(AttributeError):
        word._text = "张三丰"  # that is the point
    assert str(word) == "张*丰"


@pytest.mark.parametrize(
    ("name", "number"),
    [("张三", "310118197001010977"), ("欧阳娜娜", "31011819700101097X"), ("李", "123"), ("", "")],
)
def test_a_person_never_shows_whole(name: str, number: str) -> None:
    """However short: what could not be hidden in part is hidden whole."""
    person = PublicPerson.of(Identity(name, number), "person")

    assert str(person.name) != name or not name
    assert str(person.number) != number or not number
    assert name[1:2] not in str(person.name) or len(name) < 2


def test_a_firm_shows_its_name() -> None:
    """A firm's name stands in a public register; its number shows its ends."""
    firm = PublicPerson.of(Identity("上海某某有限公司", "91310118MA1JL0AB12"), "enterprise")

    assert str(firm.name) == "上海某某有限公司"
    assert "********" in str(firm.number)


def test_masked_words_are_alike_by_what_they_show() -> None:
    """Two people who look alike in public do; neither is a text."""
    assert Masked.name("张三") == Masked.name("张四")
    assert hash(Masked.name("张三")) == hash(Masked.name("张四"))
    assert Masked.name("张三") != "张*"
    assert repr(Masked.name("张三")) == "Masked(张*)"
