"""Questions and answers: an interview asks, somebody types a line, and what cannot be meant is asked again.

Nothing here reads a keyboard or writes a file; whoever holds the conversation does.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from core.findings import nearest
from rules.entry_faults import AnswerError, EntryFault

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Ask:
    """A question; an empty line takes `default`, where there is one."""

    text: str
    hint: str = ""
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Tell:
    """Something said in between: a result, or what was wrong with an answer."""

    text: str
    is_fault: bool = False


Talk = Generator[Ask | Tell, str, Answer]
"""A conversation: gives questions, is sent the lines that answer them, and ends with what they came to."""


def ask(question: Ask, read: Callable[[str], Answer]) -> Talk[Answer]:
    """Ask until the answer can be read."""
    while True:
        line = (yield question).strip() or question.default or ""
        try:
            return read(line)
        except AnswerError as fault:
            yield Tell(str(fault), is_fault=True)


def choice(text: str, options: Mapping[str, str], default: str | None = None) -> Talk[str]:
    """Ask for one of several; an option is named by its word or how that alone begins, its code or its number.

    Returns its code.
    """
    named = {name: code for number, (code, word) in enumerate(options.items(), 1) for name in (code, word, str(number))}
    hint = "  ".join(f"{number} {word}" for number, word in enumerate(options.values(), 1))

    def read(line: str) -> str:
        begun = [code for code, word in options.items() if line and word.startswith(line)]
        if line not in named and len(begun) == 1:
            return begun[0]
        if line not in named:
            close = nearest(line, [*options, *options.values()])
            raise AnswerError(f"“{line}”不在其中", f"最接近的是 {close}" if close else "写序号或名称")
        return named[line]

    return (yield from ask(Ask(text, hint, None if default is None else options[default]), read))


def words(text: str, hint: str = "", default: str | None = None) -> Talk[str]:
    """Ask for a text that is not empty."""

    def read(line: str) -> str:
        if not line:
            raise AnswerError(EntryFault.EMPTY, "按 Ctrl-C 放弃；最后才写文件")
        return line

    return (yield from ask(Ask(text, hint, default), read))


def maybe(text: str, read: Callable[[str], Answer], hint: str = "可空") -> Talk[Answer | None]:
    """Ask for something that may be left out."""
    return (yield from ask(Ask(text, hint), lambda line: read(line) if line else None))


def same(line: str) -> str:
    """Return a line as it is."""
    return line
