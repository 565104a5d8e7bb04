"""Rule files → bound versions.

A version that comes out of here can be compiled and asked; whether it may be published is for `rules.checks`
and `rules.examples` to say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from core.errors import RuleError
from core.findings import Finding
from core.money import FEN_PER_YUAN
from core.strict_yaml import parse_located, parse_yaml, read_yaml
from profiles.catalogue import Catalogue
from rules.binding import Binder
from rules.bound import EXTENSION, MONTHS, PAID, BoundBackdate, BoundCriterion, BoundOffset, RuleVersion, ceiling
from rules.characters import check_characters
from rules.codes import RuleCode
from rules.edges import day_edges
from rules.fingerprints import results_fingerprint, version_fingerprint
from rules.funding import BoundFunding, check_shares, order_attributes
from rules.offset import offset_share
from rules.operands import MistakeError, constant_number
from rules.parsing import fold
from rules.passages import Faults, Key, Passage, Script
from rules.polars_expressions import condition
from rules.ratios import TooLargeError
from rules.tariff import FEN, BoundLine, Rounding
from rules.terms import check_terms, timetable_of
from rules.tree import Kind, Node, facts_of
from rules.version import Number as WrittenNumber
from rules.version import WrittenVersion
from rules.vocabulary import Vocabulary

_KEPT_MAX = 4_096  # texts of a city's policies, with their versions and those of a few proposals


def read_policies(folder: Path, catalogue: Catalogue) -> list[RuleVersion]:
    """Return every version in a folder and below, by policy, then by number.

    Fails: `RuleError` with the findings of all files.
    """
    versions, findings = read_readable(folder, catalogue)
    if findings:
        raise RuleError(findings)
    return versions


def read_readable(folder: Path, catalogue: Catalogue) -> tuple[list[RuleVersion], list[Finding]]:
    """Return every version in a folder and below that can be read, and what is wrong with the other files."""
    versions: list[RuleVersion] = []
    findings: list[Finding] = []
    for path in sorted(folder.rglob("*.yaml")):
        try:
            versions.append(read_version(path, catalogue, name=path.relative_to(folder.parent).as_posix()))
        except RuleError as error:
            findings.extend(error.findings)
    findings.extend(_twice(versions))
    return sorted(versions, key=lambda version: (version.policy, version.version)), findings


def written_texts(folder: Path) -> dict[tuple[str, int], str]:
    """Return the text of every version in a folder and below, by policy and number; files with faults are left out."""
    texts = {}
    for path in sorted(folder.rglob("*.yaml")):
        try:
            text = path.read_bytes().decode("utf-8-sig")
            written = written_version(text, path.name)
        except (OSError, UnicodeDecodeError, RuleError):
            continue
        texts[written.policy, written.version] = text
    return texts


@lru_cache(_KEPT_MAX)
def written_version(text: str, name: str) -> WrittenVersion:
    """Return what a text says, bound to nothing: enough to know whose it is and what it is called; read once.

    Fails: `RuleError` where it is no version at all.
    """
    return parse_yaml(text, WrittenVersion, error=RuleError, name=name)


def read_version(path: Path, catalogue: Catalogue, *, name: str | None = None) -> RuleVersion:
    """Return the version in a file; places carry `name`, or the path where none is given.

    Fails: `RuleError` with every finding.
    """
    place = name or str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        read_yaml(path, WrittenVersion, error=RuleError, name=place)  # says what is wrong with the file
        raise
    return parse_version(text, catalogue, place)


def parse_version(text: str, catalogue: Catalogue, name: str) -> RuleVersion:
    """Return the version in a text; as `read_version`. The same text by the same catalogue is read once."""
    return _parsed(text, _Same(catalogue), name)


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """A catalogue by its identity: it never changes, and comparing all of it would take longer than reading a text."""

    catalogue: Catalogue

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.catalogue is other.catalogue

    def __hash__(self) -> int:
        return id(self.catalogue)


@lru_cache(maxsize=_KEPT_MAX)
def _parsed(text: str, same: _Same, name: str) -> RuleVersion:
    written, lines = parse_located(text, WrittenVersion, error=RuleError, name=name)
    return _Reading(Script(name, text, lines), written, same.catalogue).version()


def _twice(versions: list[RuleVersion]) -> list[Finding]:
    first: dict[tuple[str, int], str] = {}
    findings = []
    for version in versions:
        earlier = first.setdefault((version.policy, version.version), version.script.name)
        if earlier != version.script.name:
            message = f"version {version.version} of `{version.policy}` stands in `{earlier}` too"
            place = version.script.place("version")
            findings.append(Finding(RuleCode.DUPLICATE_VERSION, place, message, "give it the next number"))
    return findings


class _Reading:
    """The reading of one file, from its written form to the bound version."""

    def __init__(self, script: Script, written: WrittenVersion, catalogue: Catalogue) -> None:
        self.script = script
        self.written = written
        self.faults = Faults(script)
        self.vocabulary = Vocabulary.of(catalogue, written.subject, written.parameters)
        passages = {name: self._passage(value, "parameters", name) for name, value in written.parameters.items()}
        self.binder = Binder(self.vocabulary, passages)
        self.catalogue = catalogue
        check_terms(written, catalogue, self.vocabulary, self.faults)

    def version(self) -> RuleVersion:
        """Bind everything; return the version, or raise with every finding."""
        self._check_parameter_names()
        criteria = [bound for index in range(len(self.written.criteria)) if (bound := self._criterion(index))]
        tariff = self._tariff()
        measures = self._measures()
        rounding = self._rounding()
        starts = self._starts(criteria)
        budgets_fen = self._budgets()
        shares, funding = self._funding()
        offset_share, offset = self._offset()
        order_by = {
            word: each.code for word, each in order_attributes(self.written, self.vocabulary, self.faults).items()
        }
        unused = sorted(set(self.written.parameters) - self.binder.parameters_bound)
        parameters = {name: node for name in self.written.parameters if (node := self._parameter(name))}
        findings = [*self.faults.findings, *self.binder.findings]
        if findings or rounding is None:
            hidden = Faults(self.script)
            check_characters(self.script.text, hidden)  # they may be why a word is unknown
            raise RuleError([*hidden.findings, *findings])
        for name in unused:
            message = f"the parameter `{name}` is never used"
            self.faults.add(
                RuleCode.UNUSED_PARAMETER, message, "parameters", name, remedy="use it or leave it out", warn=True
            )
        attributes = {word: attribute.code for word, attribute in self.vocabulary.own.items()}
        named = [(criterion.id, criterion.node) for criterion in criteria]
        results = results_fingerprint(self.written, named, tariff, attributes, measures | shares | offset_share)
        lines = [line for of_component in tariff.values() for line in of_component]
        nodes = [criterion.node for criterion in criteria] + [line.amount for line in lines] + [*measures.values()]
        return RuleVersion(
            script=self.script,
            written=self.written,
            fingerprint=version_fingerprint(results, self.script.text),
            results_fingerprint=results,
            criteria=tuple(criteria),
            tariff=tariff,
            measures=measures,
            rounding=rounding,
            timetable=timetable_of(self.written.terms, self.catalogue),
            parameters=parameters,
            budgets_fen=budgets_fen,
            backdate=self._backdate(attributes),
            version_by=attributes[fold(self.written.terms.version_by)] if self.written.terms.version_by else None,
            starts=starts,
            funding=funding,
            offset=offset,
            order_by=order_by,
            edges=day_edges([*nodes, *(line.when for line in lines if line.when is not None)]),
            vocabulary=self.vocabulary,
            warnings=tuple(self.faults.findings),
        )

    def _check_parameter_names(self) -> None:
        for name in self.written.parameters:
            if self.vocabulary.is_taken(name):
                message = f"`{name}` already means something: a parameter needs a name of its own"
                self.faults.add(RuleCode.PARAMETER_NAME, message, "parameters", name, remedy="call it something else")
            elif not name.isidentifier():
                message = f"`{name}` cannot be written in an expression"
                remedy = "use letters, digits and `_`, and begin with a letter"
                self.faults.add(RuleCode.PARAMETER_NAME, message, "parameters", name, remedy=remedy)

    def _criterion(self, index: int) -> BoundCriterion | None:
        written = self.written.criteria[index]
        node = self._condition(written.when, "criteria", index, "when")
        if node is None:
            return None
        return BoundCriterion(written.id, written.label, node, written.actionable, written.remedy, written.when)

    def _tariff(self) -> dict[str, tuple[BoundLine, ...]]:
        lines: dict[str, tuple[BoundLine, ...]] = {}
        for index, written in enumerate(self.written.tariff):
            when = None if written.when is None else self._condition(written.when, "tariff", index, "when")
            amount = self._amount(written.amount, "tariff", index, "amount")
            if amount is not None:
                lines[written.component] = (*lines.get(written.component, ()), BoundLine(when, amount))
        return lines

    def _measures(self) -> dict[str, Node]:
        """Return the amounts that netting asks for."""
        written: list[tuple[str, WrittenNumber, tuple[Key, ...]]] = [
            (ceiling(cap.pool), cap.amount, ("caps", index, "amount")) for index, cap in enumerate(self.written.caps)
        ]
        paid = self.written.terms.counts_as_paid
        if paid is not None:
            written.append((PAID, paid.amount, ("terms", "counts_as_paid", "amount")))
        duration = self.written.terms.duration
        if duration is not None:
            written.append((MONTHS, duration.months, ("terms", "duration", "months")))
            written.append((EXTENSION, duration.extended_by, ("terms", "duration", "extended_by")))
        bound = {name: self._amount(amount, *keys) for name, amount, keys in written}
        return {name: node for name, node in bound.items() if node is not None}

    def _rounding(self) -> Rounding | None:
        terms = self.written.terms
        unit = self._fen(terms.round_to, "terms", "round_to", remedy="write 0.01, 0.1, 1 or 10")
        least = 0 if terms.least is None else self._fen(terms.least, "terms", "least", remedy="write a sum in yuan")
        if unit is None or least is None:
            return None
        return Rounding(terms.rounding, Fraction(unit, FEN_PER_YUAN), least)

    def _fen(self, written: WrittenNumber, *keys: Key, remedy: str) -> int | None:
        """Return a sum that is the same for everyone, in fen; it is more than nothing."""
        passage = self._passage(written, *keys)
        node = self.binder.bind(passage, Kind.NUMBER)
        number = None if node is None else constant_number(node)
        if number is None or number <= 0 or (number * FEN_PER_YUAN).denominator != 1:
            message = f"amounts are rounded to a whole number of fen, found `{passage.text}` yuan"
            self.faults.add(RuleCode.BAD_TERMS, message, *keys, remedy=remedy)
            return None
        return int(number * FEN_PER_YUAN)

    def _budgets(self) -> dict[int, int]:
        """Return what is set aside by year, in fen."""
        found: dict[int, int] = {}
        for index, written in enumerate(self.written.budget):
            passage = self._passage(written.amount, "budget", index, "amount")
            node = self.binder.bind(passage, Kind.NUMBER)
            fen = None if node is None else FEN.fen(constant_number(node))
            if fen is None or written.year in found:
                message = f"a budget is one number of yuan for a year, found `{passage.text}` for {written.year}"
                self.faults.add(
                    RuleCode.BAD_TERMS, message, "budget", index, remedy="write `{year: 2026, amount: 1200万}`"
                )
            found[written.year] = fen or 0
        return found

    def _funding(self) -> tuple[dict[str, Node], tuple[BoundFunding, ...]]:
        """Return the shares as they are written, and the purses with what their shares come to."""
        lines = self.written.terms.funding
        keys = [("terms", "funding", index, "share") for index in range(len(lines))]
        nodes = [
            self.binder.bind(self._passage(line.share, *key), Kind.NUMBER)
            for line, key in zip(lines, keys, strict=True)
        ]
        shares = [None if node is None else constant_number(node) for node in nodes]
        if not lines or not check_shares(shares, self.faults):
            return {}, ()
        named = {f"share {index}": node for index, node in enumerate(nodes) if node is not None}
        return named, tuple(
            BoundFunding(line.name, line.level, share, line.account, line.project)
            for line, share in zip(lines, shares, strict=True)
            if share is not None
        )

    def _offset(self) -> tuple[dict[str, Node], BoundOffset | None]:
        """Return the share of a payment that may be set off as it is written, and what it comes to."""
        term, keys = self.written.terms.offset, ("terms", "offset", "share")
        node = None if term is None else self.binder.bind(self._passage(term.share, *keys), Kind.NUMBER)
        if term is None or node is None:
            return {}, None
        share = offset_share(constant_number(node), self.faults)
        if share is None:
            return {}, None
        return {"share set off": node}, BoundOffset(share, frozenset({self.written.policy, *term.from_}))

    def _parameter(self, name: str) -> Node | None:
        try:
            return self.binder.parameter(name)
        except MistakeError as mistake:  # a ring of parameters that nothing uses
            self.binder.record(mistake, self._passage(self.written.parameters[name], "parameters", name))
            return None

    def _starts(self, criteria: list[BoundCriterion]) -> str | None:
        """Return the fact from which own periods are counted; nobody is met of whom it is not known."""
        word = self.written.terms.starts
        attribute = None if word is None else self.vocabulary.attribute(word)
        if attribute is None:
            return None
        if not any(attribute.code in facts_of(criterion.node) for criterion in criteria):
            message = f"no criterion reads `{word}`, so that somebody could be met whose periods nobody can count"
            remedy = f"add a criterion, such as `{word} <= day()`"
            self.faults.add(RuleCode.BAD_TERMS, message, "terms", "starts", remedy=remedy)
        return attribute.code

    def _backdate(self, attributes: dict[str, str]) -> BoundBackdate | None:
        written = self.written.terms.backdate
        if written is None:
            return None
        reads = frozenset(attributes[fold(word)] for word in written.reads)
        return BoundBackdate(attributes[fold(written.from_)], written.months, frozenset(written.waives), reads)

    def _condition(self, text: str, *keys: Key) -> Node | None:
        passage = self.script.passage(text, *keys)
        node = self.binder.bind(passage, Kind.TRUTH)
        return node if node is None or self._fits(passage, lambda: condition(node)) else None

    def _amount(self, written: WrittenNumber, *keys: Key) -> Node | None:
        passage = self._passage(written, *keys)
        node = self.binder.bind(passage, Kind.NUMBER)
        return node if node is None or self._fits(passage, lambda: FEN.fen_expr(node)) else None

    def _fits(self, passage: Passage, compile_: Callable[[], object]) -> bool:
        """Say whether every intermediate result stays within 128 bits, by compiling."""
        try:
            compile_()
        except TooLargeError:
            message = "the exact result could exceed 128 bits"
            mistake = MistakeError(RuleCode.TOO_LARGE, message, "multiply and divide fewer facts with each other")
            self.binder.record(mistake, passage)
            return False
        return True

    def _passage(self, written: WrittenNumber, *keys: Key) -> Passage:
        text = f"{written:f}" if isinstance(written, Decimal) else str(written)
        return self.script.passage(text, *keys)
