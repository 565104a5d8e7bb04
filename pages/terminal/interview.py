"""A conversation in a terminal: questions out, typed lines in; a script may type them as well."""

from collections.abc import Callable
from typing import TypeVar

from rules.conversation import Ask, Talk, Tell

Answer = TypeVar("Answer")


def converse(talk: Talk[Answer], *, said: Callable[[str], object], read: Callable[[str], str]) -> Answer:
    """Hold a conversation and return what it came to.

    Fails: EOFError where no more is typed.
    """
    try:
        message = next(talk)
        while True:
            message = talk.send(_reply(message, said, read))
    except StopIteration as end:
        answer: Answer = end.value
        return answer


def _reply(message: Ask | Tell, said: Callable[[str], object], read: Callable[[str], str]) -> str:
    """Show a message, and return the line that answers it; nothing answers what is only told."""
    match message:
        case Tell(text=text, is_fault=is_fault):
            said(f"! {text}" if is_fault else text)
            return ""
        case Ask():
            return read(prompt(message))


def prompt(question: Ask) -> str:
    """Return a question in one line, with its hint and what an empty line takes."""
    hint = f"（{question.hint}）" if question.hint else ""
    default = f"〔{question.default}〕" if question.default is not None else ""
    return f"{question.text}{hint}{default}："
