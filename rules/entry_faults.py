"""What is wrong with what somebody entered, as sentences with places: each language says them by itself.

An officer's conversation is Chinese and shows them as they are; a page says them in the language of who reads.
"""

from collections.abc import Callable
from enum import StrEnum

Value = str | tuple[str, ...]
"""What stands in a place: somebody's own words, or some of ours, which each language says by itself."""


class EntryFault(StrEnum):
    """What is wrong."""

    NO_FACT = "没有名为“%(name)s”的数据要素"
    NOT_COMPARED = "“%(fact)s”不能这样比较"
    EMPTY = "这里不能为空"
    QUOTED = "“%(value)s”里有引号"
    NO_CONDITION = "条件的名称和内容都要写"
    NO_EXAMPLE = "没有名为“%(name)s”的算例"
    EXAMPLE_TWICE = "已有名为“%(name)s”的算例"


class EntryRemedy(StrEnum):
    """What to do about it."""

    CHOOSE = "从列表中选择"
    COMPARE_BY = "可以用：%(signs)s"
    VALUE_ALONE = "只写值本身"
    OTHER_NAME = "换一个情形名称"


def as_it_is(words: str) -> str:
    """Return words as they are."""
    return words


class AnswerError(ValueError):
    """An answer that cannot be meant: a sentence and a remedy, and what stands in their places."""

    def __init__(self, message: str, remedy: str | None = None, /, **values: Value) -> None:
        """Keep what is wrong, what to do, and what they are about."""
        self._message, self._remedy, self._values = message, remedy, values
        said, done = self.in_words(as_it_is)
        super().__init__(said if done is None else f"{said}\n  → {done}")

    def in_words(self, say: Callable[[str], str], join: str = "、") -> tuple[str, str | None]:
        """Return what is wrong and what to do in a language, by what says our own words in it."""
        values = {
            name: value if isinstance(value, str) else join.join(map(say, value))
            for name, value in self._values.items()
        }
        told = (None if words is None else say(words) for words in (self._message, self._remedy))
        message, remedy = (words % values if words and values else words for words in told)
        return message or "", remedy
