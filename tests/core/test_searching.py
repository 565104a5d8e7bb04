"""Words that somebody types find what holds each of them."""

from hypothesis import given
from hypothesis import strategies as st

from core.searching import has_every_word

texts = st.lists(st.text(max_size=12), max_size=4)


def test_each_word_has_to_stand_somewhere() -> None:
    """In any of the texts and in any order; one that stands nowhere finds nothing, and capitals do not matter."""
    held = ("老年综合津贴", "区民政局", "old-age-allowance")

    assert has_every_word("民政 老年", *held)
    assert has_every_word("OLD", *held)
    assert not has_every_word("老年 残联", *held)


def test_a_word_does_not_reach_from_one_text_into_the_next() -> None:
    """What ends one text and begins another was written by nobody."""
    assert not has_every_word("津贴区", "津贴", "区民政局")


@given(texts, texts)
def test_more_text_finds_no_less_and_no_word_finds_everything(held: list[str], more: list[str]) -> None:
    """What is found by some texts is found by more of them."""
    assert has_every_word("  ", *held)
    for word in " ".join(held).split():
        assert has_every_word(word, *held, *more)
