"""Text of an expression → its syntax tree.

The grammar is rule-engine's; the words are ours: Chinese identifiers, full-width punctuation, `≥ ≤ ≠`,
`10万` and `5%`. Whatever rule-engine could do beyond our language (regular expressions, attributes,
comprehensions, a clock) is refused here, before anything is evaluated.
"""

import datetime as dt
import re
import threading
from collections.abc import Iterator
from copy import copy
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, ClassVar

from rule_engine import Rule, ast, errors
from rule_engine.parser import Parser
from rule_engine.parser.base import lex

from core.errors import RuleError
from rules.codes import RuleCode
from rules.passages import Passage
from rules.syntax import (
    Arithmetic,
    Call,
    Choice,
    Comparison,
    DateWord,
    ListWord,
    Logic,
    Membership,
    Name,
    NumberWord,
    Syntax,
    TextWord,
    TruthWord,
    Unary,
)
from rules.tree import ArithmeticSign, ComparisonSign

LENGTH_MAX = 4_000  # characters; the longest shipped expression has some 300
DEPTH_MAX = 40  # nested parts; the deepest shipped expression has 7
PARTS_MAX = 1_000  # words and operators in one expression

_EXPONENTS = {"万": 4, "亿": 8, "%": -2, "‰": -3}
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "\uff02": "\uff02", "\uff07": "\uff07"}
_SIGNS = {"≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/", "、": ",", "\u2212": "-", "\u2013": "-"}
_PLAIN = (
    {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # full-width ASCII
    | {ord(wide): plain for wide, plain in _SIGNS.items()}
    | dict.fromkeys(map(ord, "\u3000\u00a0\t\r"), " ")
)
_ADVICE = {
    "=": "write `==` to compare",
    "!": "write `not` before a condition, `!=` between values",
    "&": "write `and`",
    "|": "write `or`",
    ".": "name the attribute itself; relations are drawn in the catalogue",
    "%": "write a percentage as `5%`",
    "“": "close the quotation marks",
    "‘": "close the quotation marks",
    '"': "close the quotation marks",
    "'": "close the quotation marks",
    "且": "write `and`",
    "并": "write `and`",
    "或": "write `or`",
    "非": "write `not`",
}


def parse_expression(passage: Passage) -> Syntax:
    """Return the syntax tree of an expression.

    Fails: `RuleError` with one finding: too long, not an expression, or not in our language.
    """
    text = passage.text
    if len(text) > LENGTH_MAX:
        help_line = "split it into several criteria, or name its parts as parameters"
        raise RuleError.one(
            RuleCode.TOO_LONG, passage.place(), f"the expression has more than {LENGTH_MAX:,} characters", help_line
        )
    try:
        return _Reader().read(expression_parser().deferred(plain_text(text)))
    except _Refusal as refusal:
        raise RuleError.one(refusal.code, passage.place(refusal.line), refusal.message, refusal.help_line) from None


def plain_text(text: str) -> str:
    """Return the text with full-width punctuation and signs made plain, outside quotation marks."""
    pieces: list[str] = []
    position = 0
    while position < len(text):
        close = _QUOTES.get(text[position])
        end = text.find(close, position + 1) if close else -1
        if end < 0:
            pieces.append(text[position].translate(_PLAIN) if close is None else text[position])
            position += 1
        else:
            inside = text[position + 1 : end]
            quote = "'" if '"' in inside else '"'
            pieces.append(f"{quote}{inside}{quote}")
            position = end + 1
    return "".join(pieces)


def fold(word: str) -> str:
    """Return a name as it comes out of an expression: full-width letters and digits made plain."""
    return word.translate(_PLAIN)


class _Refusal(Exception):  # noqa: N818  # not an error of ours: it becomes the finding
    def __init__(self, code: RuleCode, message: str, help_line: str | None = None, line: int = 0) -> None:
        super().__init__(message)
        self.code, self.message, self.help_line, self.line = code, message, help_line, line


class _Word(str):
    """A word that remembers its line, from 0, and how it was written."""

    __slots__ = ("line", "written")
    line: int
    written: str

    @classmethod
    def of(cls, value: str, token: Any) -> "_Word":  # noqa: ANN401  # a PLY token
        word = cls(value)
        word.line, word.written = token.lexer.lineno - 1, token.value
        return word


class ExpressionParser(Parser):  # type: ignore[misc]  # rule_engine has no types for its parser
    """rule-engine's parser with our words.

    A pattern is a method's docstring, as PLY wants it. Methods of a lexer are tried in the order of their
    lines in their files, ours before rule-engine's or after: no pattern here may rely on that order.
    """

    tokens: ClassVar = Parser.tokens

    def __init__(self) -> None:
        """Take over the tables that rule-engine's own parser has built of the same grammar: half a second's work."""
        self.context = None
        self._lexer = lex.lex(module=self)
        self._parser = copy(Rule.parser._parser)  # noqa: SLF001  # the tables are nowhere else
        self._parser.errorfunc = self.p_error
        self._parser.productions = [copy(each) for each in self._parser.productions]
        for each in self._parser.productions:
            each.callable = each.func and getattr(self, each.func)

    def t_SYMBOL(self, t: Any) -> Any:  # noqa: ANN401, N802  # PLY's protocol
        r"""(?![bdtrs]["'])[^\W\d]\w*"""  # noqa: D415  # the docstring is the pattern
        t.type = self.reserved_words.get(t.value, "SYMBOL")
        t.value = _Word.of(t.value, t)
        return t

    def t_FLOAT(self, t: Any) -> Any:  # noqa: ANN401, N802  # PLY's protocol
        r"""[0-9]+(\.[0-9]+)?[ ]*[万亿%‰]?"""  # the docstring is the pattern
        digits, unit = t.value.rstrip(" 万亿%‰"), t.value[-1]
        exact = Decimal(f"{digits}E{_EXPONENTS.get(unit, 0)}")  # a sum of decimals would round to 28 digits
        t.value = _Word.of(f"{exact:f}", t)
        return t

    def t_error(self, t: Any) -> None:  # noqa: ANN401  # PLY's protocol
        """Refuse a character that begins no word."""
        raise _refused_word(t.value[0], t.lexer.lineno - 1)

    def p_error(self, token: Any) -> None:  # noqa: ANN401  # PLY's protocol
        """Refuse a word that cannot stand where it stands."""
        if token is None:
            raise _Refusal(RuleCode.SYNTAX, "the expression ends too early", "close every bracket and finish the sum")
        raise _refused_word(getattr(token.value, "written", str(token.value)), token.lexer.lineno - 1)

    def deferred(self, text: str) -> Any:  # noqa: ANN401  # rule_engine's unbuilt tree
        """Return rule-engine's tree before anything of it is built or evaluated."""
        if not text.strip():
            raise _Refusal(RuleCode.SYNTAX, "the expression is empty")
        with _LOCK:
            self._lexer.lineno = 1
            try:
                return self._parser.parse(text, lexer=self._lexer)
            except errors.EngineError as fault:
                raise _Refusal(RuleCode.SYNTAX, f"not an expression: {fault.message}") from None


_LOCK = threading.Lock()  # PLY's parser keeps its state in itself


@cache
def expression_parser() -> ExpressionParser:
    """Return the one parser."""
    return ExpressionParser()


def _refused_word(word: str, line: int) -> _Refusal:
    advice = _ADVICE.get(word[:1])
    return _Refusal(RuleCode.SYNTAX, f"`{word.strip()}` cannot stand here", advice, line)


_COMPARISONS: dict[str, ComparisonSign] = {"EQ": "==", "NE": "!=", "GT": ">", "GE": ">=", "LT": "<", "LE": "<="}
_ARITHMETIC: dict[str, ArithmeticSign] = {"ADD": "+", "SUB": "-", "MUL": "*", "TDIV": "/"}
_REFUSED_SIGNS = {"POW": "**", "MOD": "%", "FDIV": "//"}
_REFUSED = {
    ast.FuzzyComparisonExpression: ("regular expressions are", "compare with `==` or `in [..]`"),
    ast.GetAttributeExpression: ("`.` is", "name the attribute itself; relations are drawn in the catalogue"),
    ast.ComprehensionExpression: ("`for` is", "draw a sum or count in the catalogue"),
    ast.BitwiseExpression: ("`&`, `|` and `^` are", "write `and`, `or`"),
    ast.BitwiseShiftExpression: ("`<<` and `>>` are", "write `<` or `>`"),
    ast.NullExpression: ("`null` is", "declare in the catalogue what absence means; unknown stays unknown"),
    ast.CoalesceExpression: ("`??` is", "declare in the catalogue what absence means; unknown stays unknown"),
    ast.TimedeltaExpression: ("durations are", "write days as a number: `day() - 发证日期 <= 30`"),
    ast.BytesExpression: ("bytes are", "write a text in plain quotation marks"),
    ast.SetExpression: ("`{..}` is", "write a list in square brackets"),
    ast.MappingExpression: ("`{..}` is", "write one tariff line per case"),
    ast.GetItemExpression: ("`x[..]` is", "name the attribute itself"),
    ast.GetSliceExpression: ("`x[..]` is", "name the attribute itself"),
}  # fmt: skip


class _Reader:
    """Turns rule-engine's unbuilt tree into ours, counting parts and depth."""

    def __init__(self) -> None:
        self.parts = 0

    def read(self, node: Any, depth: int = 0) -> Syntax:  # noqa: ANN401  # rule_engine's unbuilt tree
        """Return our tree of one node."""
        self.parts += 1
        if depth > DEPTH_MAX:
            message = f"the expression is nested deeper than {DEPTH_MAX} levels"
            raise _Refusal(RuleCode.TOO_LONG, message, "name its parts as parameters")
        if self.parts > PARTS_MAX:
            message = f"the expression has more than {PARTS_MAX:,} parts"
            raise _Refusal(RuleCode.TOO_LONG, message, "split it into several criteria")
        kind, arguments = node.cls, node.args[1:]
        if kind in _REFUSED:
            what, advice = _REFUSED[kind]
            raise _Refusal(RuleCode.NOT_IN_LANGUAGE, f"{what} not part of the language", advice)
        if kind is ast.Statement:
            return self.read(arguments[0])
        if kind is ast.LogicExpression:
            operands = tuple(self.read(part, depth + 1) for part in _chain(node, arguments[0]))
            return Logic(arguments[0].lower(), operands)
        if not arguments or isinstance(arguments[0], str | bool):
            return self._word(node, arguments, depth + 1)
        return self._compound(kind, arguments, depth + 1)

    def _word(self, node: Any, arguments: tuple[Any, ...], depth: int) -> Syntax:  # noqa: ANN401  # as above
        """Read what begins with a word of its own: a literal, a name, an operator."""
        kind, word = node.cls, arguments[0]
        if kind is ast.SymbolExpression:
            return Name(str(word), word.line)
        if kind is ast.FloatExpression:
            return _number(word)
        if kind is ast.StringExpression:
            return TextWord(str(word))
        if kind is ast.BooleanExpression:
            return TruthWord(word)
        if kind is ast.DatetimeExpression:
            return _date(word)
        if kind is ast.UnaryExpression:
            return Unary("not" if word == "NOT" else "-", self.read(arguments[1], depth))
        return self._operation(word, arguments, depth)

    def _operation(self, word: str, arguments: tuple[Any, ...], depth: int) -> Syntax:
        if word in _REFUSED_SIGNS:
            message = f"`{_REFUSED_SIGNS[word]}` is not part of the language"
            raise _Refusal(RuleCode.NOT_IN_LANGUAGE, message, "round with `round_down(x, unit)`")
        left, right = self.read(arguments[1], depth), self.read(arguments[2], depth)
        if word in _COMPARISONS:
            return Comparison(_COMPARISONS[word], left, right)
        return Arithmetic(_ARITHMETIC[word], left, right)

    def _compound(self, kind: Any, arguments: tuple[Any, ...], depth: int) -> Syntax:  # noqa: ANN401  # as above
        if kind is ast.ContainsExpression:
            container, member = arguments
            return Membership(self.read(member, depth), self.read(container, depth))
        if kind is ast.TernaryExpression:
            condition, then, otherwise = (self.read(part, depth) for part in arguments)
            return Choice(condition, then, otherwise)
        if kind is ast.ArrayExpression:
            return ListWord(tuple(self.read(part, depth) for part in arguments[0]))
        assert kind is ast.FunctionCallExpression, kind
        function, parts = arguments
        if function.cls is not ast.SymbolExpression:
            raise _Refusal(RuleCode.NOT_IN_LANGUAGE, "only a function's name may stand before `(`")
        name = function.args[1]
        return Call(str(name), tuple(self.read(part, depth) for part in parts), name.line)


def _chain(node: Any, operator: str) -> Iterator[Any]:  # noqa: ANN401  # rule_engine's unbuilt tree
    """Give the operands of a left-leaning chain of one operator, in order, without recursion."""
    right: list[Any] = []
    while node.cls is ast.LogicExpression and node.args[1] == operator:
        right.append(node.args[3])
        node = node.args[2]
    yield node
    yield from reversed(right)


def _number(word: Any) -> NumberWord:  # noqa: ANN401  # a `_Word`, or `inf` and `nan`
    if word in {"inf", "nan"}:
        raise _Refusal(RuleCode.NOT_IN_LANGUAGE, f"`{word}` is not part of the language", line=word.line)
    return NumberWord(Fraction(word), re.sub(" ", "", word.written))


def _date(word: str) -> DateWord:
    try:
        return DateWord(dt.date.fromisoformat(word) if len(word) == len("2025-07-01") else _not_a_day(word))
    except ValueError:
        return DateWord(_not_a_day(word))


def _not_a_day(word: str) -> dt.date:
    raise _Refusal(RuleCode.BAD_DATE, f"`{word}` is not a day", 'write days as d"2025-07-01"')
