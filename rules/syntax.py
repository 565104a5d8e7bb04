"""What an author wrote, as a tree of words: nothing is named, typed or checked yet.

`rules.parsing` makes it, `rules.binding` turns it into the typed tree. `str` of a node gives its text
back, so that a message can quote the part it is about.
"""

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

from rules.tree import ArithmeticSign, ComparisonSign


@dataclass(frozen=True, slots=True)
class Name:
    """An attribute's code or label, or a parameter's name; `line` counts from 0 within the expression."""

    word: str
    line: int = 0

    def __str__(self) -> str:
        return self.word


@dataclass(frozen=True, slots=True)
class NumberWord:
    """A number, exact, and how it was written: `5.5%`, `10万`."""

    value: Fraction
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class TextWord:
    """A text in quotes."""

    value: str

    def __str__(self) -> str:
        return f'"{self.value}"'


@dataclass(frozen=True, slots=True)
class DateWord:
    """A day: `d"2025-07-01"`."""

    value: dt.date

    def __str__(self) -> str:
        return f'd"{self.value}"'


@dataclass(frozen=True, slots=True)
class TruthWord:
    """`true` or `false`."""

    value: bool

    def __str__(self) -> str:
        return "true" if self.value else "false"


@dataclass(frozen=True, slots=True)
class ListWord:
    """Values in square brackets."""

    items: "tuple[Syntax, ...]"

    def __str__(self) -> str:
        return f"[{', '.join(map(str, self.items))}]"


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied to arguments."""

    function: str
    arguments: "tuple[Syntax, ...]"
    line: int = 0

    def __str__(self) -> str:
        return f"{self.function}({', '.join(map(str, self.arguments))})"


@dataclass(frozen=True, slots=True)
class Unary:
    """`not x` or `-x`."""

    operator: str
    operand: "Syntax"

    def __str__(self) -> str:
        return f"{self.operator}{' ' * self.operator.isalpha()}{inner(self.operand)}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides compared."""

    sign: ComparisonSign
    left: "Syntax"
    right: "Syntax"

    def __str__(self) -> str:
        return f"{inner(self.left)} {self.sign} {inner(self.right)}"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two sides added, subtracted, multiplied or divided."""

    sign: ArithmeticSign
    left: "Syntax"
    right: "Syntax"

    def __str__(self) -> str:
        return f"{inner(self.left)} {self.sign} {inner(self.right)}"


@dataclass(frozen=True, slots=True)
class Logic:
    """`and` or `or` between two or more conditions."""

    operator: str
    operands: "tuple[Syntax, ...]"

    def __str__(self) -> str:
        return f" {self.operator} ".join(map(inner, self.operands))


@dataclass(frozen=True, slots=True)
class Membership:
    """`x in [..]`."""

    value: "Syntax"
    options: "Syntax"

    def __str__(self) -> str:
        return f"{inner(self.value)} in {inner(self.options)}"


@dataclass(frozen=True, slots=True)
class Choice:
    """`condition ? then : otherwise`."""

    condition: "Syntax"
    then: "Syntax"
    otherwise: "Syntax"

    def __str__(self) -> str:
        return f"{inner(self.condition)} ? {inner(self.then)} : {inner(self.otherwise)}"


Compound = Unary | Comparison | Arithmetic | Logic | Membership | Choice
Syntax = Name | NumberWord | TextWord | DateWord | TruthWord | ListWord | Call | Compound


def line_of(syntax: Syntax) -> int:
    """Return the first line, from 0, on which a name of this part stands."""
    match syntax:
        case Name(line=line) | Call(line=line):
            return line
        case Unary(operand=part) | Membership(value=part) | Choice(condition=part):
            return line_of(part)
        case Comparison(left=part) | Arithmetic(left=part):
            return line_of(part)
        case Logic(operands=parts) | ListWord(items=parts) if parts:
            return line_of(parts[0])
        case _:
            return 0


def inner(syntax: Syntax) -> str:
    """Return a part's text as it stands inside another."""
    return f"({syntax})" if isinstance(syntax, Compound) else str(syntax)
