"""A round as its author writes it: one strict YAML file under `rounds/`, bound to the catalogue.

round: rd-2025
label: 2025年研发补助
subject: enterprise
day: 2025-10-09              # the facts of this day count
who: 登记状态 == "存续"
method: ranking              # or ratio, first_come
group: 收入组                # ranked within each
by: [研发费用, 研发强度]
top: 10
writes: {resource: rd_round, rank: 名次}
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from core.errors import RunError
from core.findings import Finding, nearest_help
from core.money import FEN_PER_YUAN
from core.strict_yaml import Written, parse_yaml, read_yaml
from engine.codes import RunCode
from profiles.catalogue import Catalogue, Column, Resource, ResourceKind
from rules.binding import Binder
from rules.operands import constant_number
from rules.passages import Key, Script
from rules.tree import Kind, Node
from rules.version import Number
from rules.vocabulary import Vocabulary

Method = Literal["ranking", "ratio", "first_come"]

_COLUMN_TYPES = {"rank": "integer", "ratio": "decimal", "amount": "money"}


class Writes(Written):
    """The declared list that the result is a load of, and which columns hold what: the best rank, or one for each list."""

    resource: str
    rank: str | tuple[str, ...] | None = None
    ratio: str | None = None
    amount: str | None = None

    @property
    def ranks(self) -> tuple[str, ...]:
        """Return the columns that ranks are written to."""
        return (self.rank,) if isinstance(self.rank, str) else (self.rank or ())


class WrittenRound(Written):
    """One round, as written; amounts in yuan."""

    round: str
    label: str
    subject: str
    day: dt.date
    who: str
    method: Method
    group: str | None = None
    bands: tuple[Number, ...] = ()  # a group that is a number is cut here: each band begins at its number
    by: tuple[str, ...] = ()
    top: int | None = None
    amount: Number | None = None
    budget: Number | None = None
    most: Number | None = None
    ratio_most: Number = 1
    quota: int | None = None
    came_on: str | None = None
    unknown: Literal["counted", "reserved"] = "counted"
    reserve: Number = 0
    writes: Writes


@dataclass(frozen=True, slots=True)
class Round:
    """A round with its expressions bound; sums in fen."""

    written: WrittenRound
    resource: Resource
    who: Node
    group: Node | None
    bands: tuple[Fraction, ...]
    by: tuple[Node, ...]
    amount: Node | None
    came_on: Node | None
    budget_fen: int | None
    most_fen: int | None
    ratio_most: Fraction


def read_round(path: Path, catalogue: Catalogue) -> Round:
    """Return the round in a file.

    Fails: RunError with every finding.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        read_yaml(path, WrittenRound, error=RunError, name=path.name)  # says what is wrong with the file
        raise
    written = parse_yaml(text, WrittenRound, error=RunError, name=path.name)
    return _Reading(written, Script(path.name, text), catalogue).bound()


class _Reading:
    """The binding of one file, with everything that is wrong with it."""

    def __init__(self, written: WrittenRound, script: Script, catalogue: Catalogue) -> None:
        self.written = written
        self.script = script
        self.catalogue = catalogue
        self.binder = Binder(Vocabulary.of(catalogue, written.subject, ()), {})
        self.findings: list[Finding] = []

    def bound(self) -> Round:
        """Return the round, or raise with every finding."""
        written = self.written
        self.findings.extend(self._misfits())
        who = self._node(written.who, Kind.TRUTH, "who")
        group = self._node(written.group, Kind.NUMBER if written.bands else Kind.TEXT, "group")
        bands = [self._number(each, "bands", index) for index, each in enumerate(written.bands)]
        by = [self._node(text, Kind.NUMBER, "by", index) for index, text in enumerate(written.by)]
        amount = self._node(written.amount, Kind.NUMBER, "amount")
        came_on = self._node(written.came_on, Kind.DATE, "came_on")
        budget, reserve = self._fen(written.budget, "budget"), self._fen(written.reserve, "reserve") or 0
        most, ratio_most = self._fen(written.most, "most"), self._number(written.ratio_most, "ratio_most")
        findings = [*self.findings, *self.binder.findings]
        if findings or who is None:
            raise RunError(findings)
        return Round(
            written=written,
            resource=self.catalogue.resources[written.writes.resource],
            who=who,
            group=group,
            bands=tuple(each for each in bands if each is not None),
            by=tuple(node for node in by if node is not None),
            amount=amount,
            came_on=came_on,
            budget_fen=None if budget is None else budget - reserve,
            most_fen=most,
            ratio_most=ratio_most or Fraction(1),
        )

    def _node(self, text: Number | None, kind: Kind, *keys: Key) -> Node | None:
        return None if text is None else self.binder.bind(self.script.passage(str(text), *keys), kind)

    def _number(self, text: Number | None, *keys: Key) -> Fraction | None:
        node = self._node(text, Kind.NUMBER, *keys)
        number = None if node is None else constant_number(node)
        if node is not None and (number is None or number < 0):
            self._add(f"expected a number that is the same for everyone, found `{text}`", "write it out", *keys)
        return number

    def _fen(self, text: Number | None, *keys: Key) -> int | None:
        number = self._number(text, *keys)
        return None if number is None else int(number * FEN_PER_YUAN)

    def _add(self, message: str, remedy: str | None, *keys: Key) -> None:
        self.findings.append(Finding(RunCode.BAD_ROUND, self.script.place(*keys), message, remedy))

    def _misfits(self) -> Iterator[Finding]:
        """Give what does not fit: the method and what it needs, and the list that is written."""
        needed: Mapping[Method, Mapping[str, object]] = {
            "ranking": {"by": self.written.by, "rank": self.written.writes.ranks},
            "ratio": {"amount": self.written.amount, "budget": self.written.budget},
            "first_come": {
                "came_on": self.written.came_on,
                "quota` or `budget": self.written.quota or self.written.budget,
            },
        }
        for name, given in needed[self.written.method].items():
            if not given:
                message = f"`method: {self.written.method}` needs `{name}`"
                yield Finding(RunCode.BAD_ROUND, self.script.place("method"), message, "say it, or take another method")
        if self.written.subject not in self.catalogue.kinds:
            help_line = nearest_help(self.written.subject, self.catalogue.kinds, "kind")
            message = f"unknown kind of subject `{self.written.subject}`"
            yield Finding(RunCode.BAD_ROUND, self.script.place("subject"), message, help_line)
        yield from self._list_misfits()

    def _list_misfits(self) -> Iterator[Finding]:
        writes, place = self.written.writes, self.script.place("writes")
        resource = self.catalogue.resources.get(writes.resource)
        if resource is None:
            help_line = nearest_help(writes.resource, self.catalogue.resources, "resource")
            message = f"unknown resource `{writes.resource}`"
            yield Finding(RunCode.BAD_ROUND, place, message, help_line or "declare it under `catalogue/resources`")
            return
        if resource.kind is not ResourceKind.SNAPSHOT or resource.subject != self.written.subject or resource.other:
            message = f"`{resource.resource}` is no list of subjects of kind `{self.written.subject}`"
            yield Finding(
                RunCode.BAD_ROUND, place, message, "declare it with `kind: snapshot` about the round's subject"
            )
        columns: dict[str, Column] = {column.name: column for column in resource.columns}
        written = {*writes.ranks, writes.ratio, writes.amount}
        for name in [name for name, column in columns.items() if column.role is None and name not in written]:
            message = f"the round writes nothing to the column `{name}` of `{resource.resource}`"
            yield Finding(RunCode.BAD_ROUND, place, message, "name it under `writes`, or take it out of the resource")
        if len(writes.ranks) > 1 and len(writes.ranks) != len(self.written.by):
            message = f"{len(self.written.by)} lists are ranked, and {len(writes.ranks)} columns named for their ranks"
            yield Finding(
                RunCode.BAD_ROUND, place, message, "name one column for the best rank, or one for each of `by`"
            )
        named = [("rank", name) for name in writes.ranks]
        named += [(what, name) for what, name in (("ratio", writes.ratio), ("amount", writes.amount)) if name]
        for what, name in named:
            column, type_ = columns.get(name), _COLUMN_TYPES[what]
            if column is None or column.type != type_ or not column.optional:
                message = f"`{what}` goes to a column of type `{type_}` that may be empty, found `{name}`"
                yield Finding(
                    RunCode.BAD_ROUND, place, message, f"declare `{{name: {name}, type: {type_}, optional: true}}`"
                )
