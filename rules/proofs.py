"""What can be proved of a version before anyone may submit it: its criteria against each other, its tariff against them.

Everything here holds of profiles whose facts are all known. Where the solver comes to no end within its limits, that is
said; nothing is reported on suspicion.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from rules.bound import RuleVersion
from rules.codes import RuleCode
from rules.comparisons import EQUALITIES
from rules.passages import Faults
from rules.solving import Answer, Limits, Questions, Search, days_of
from rules.spelling import spelt
from rules.tree import Compare, Node, facts_of, walk
from rules.tried import Tried

_LEAVE_OUT = "leave it out, unless the document states it and people should read it"
_FIRST_TAKEN = "the first line that applies is taken: put the narrower one first"


def prove_version(version: RuleVersion, tried: Sequence[Tried], faults: Faults, limits: Limits | None = None) -> None:
    """Record everything that the solver has to say about a version; `tried` are its examples' facts."""
    proof = _Proof(version, tried, faults, limits)
    if not proof.find_contradiction():
        proof.check_criteria()
        for component in version.tariff:
            proof.check_lines(component)
    proof.say_what_is_open()


@dataclass(slots=True)
class _Line:
    """One line of the tariff: where it stands in the file, and the name of its condition."""

    index: int
    has_condition: bool

    @property
    def name(self) -> str:
        """Return its name among the conditions; no criterion's id has a blank."""
        return f"line {self.index + 1}"


@dataclass
class _Proof:
    """The checking of one version."""

    version: RuleVersion
    tried: Sequence[Tried]
    faults: Faults
    limits: Limits | None
    questions: Questions = field(init=False)
    _lines: dict[str, list[_Line]] = field(init=False, default_factory=dict)
    _borders: dict[str, dict[str, Node]] = field(init=False, default_factory=dict)
    _open: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Put the conditions of the version before the solver."""
        version = self.version
        conditions: dict[str, Node] = {criterion.id: criterion.node for criterion in version.criteria}
        for index, (written, line) in enumerate(zip(version.written.tariff, version.lines, strict=True)):
            named = _Line(index, line.when is not None)
            self._lines.setdefault(written.component, []).append(named)
            if line.when is not None:
                conditions[named.name] = line.when
                self._borders[named.name] = {f"at {spelt(border)}": border for border in _borders(line.when)}
                conditions |= self._borders[named.name]
        self.questions = Questions(
            conditions,
            vocabulary=version.vocabulary,
            days=days_of(version),
            tried=self.tried,
            limits=self.limits,
        )

    @property
    def _criteria(self) -> list[str]:
        return [criterion.id for criterion in self.version.criteria]

    def find_contradiction(self) -> bool:
        """Record the criteria that nobody can meet together; say whether there are any."""
        search = self.questions.find(self._criteria)
        if self._is_open(search, "whether anybody can meet all criteria"):
            return False
        if search.answer is Answer.FOUND:
            return False
        last = self._criteria.index(search.because[-1])
        if len(search.because) == 1:
            message = f"the criterion `{search.because[0]}` is never true"
            self._add_criterion(RuleCode.CONSTANT_CRITERION, message, last, "nobody could ever be entitled: mend it")
        else:
            message = f"nobody can meet {_named(search.because)} together"
            remedy = "nobody could ever be entitled: mend one of them"
            self._add_criterion(RuleCode.CONTRADICTION, message, last, remedy)
        return True

    def check_criteria(self) -> None:
        """Record criteria that say nothing: always true, or true wherever others are."""
        repeated: set[str] = set()
        for index, name in enumerate(self._criteria):
            if name in repeated:
                continue
            others = [each for each in self._criteria if each != name and each not in repeated]
            search = self.questions.find(others, lacking=[name])
            if self._is_open(search, f"whether `{name}` follows from the others") or search.answer is Answer.FOUND:
                continue
            causes = [each for each in search.because if each != name]
            if not causes:
                message = f"the criterion `{name}` is always true"
                self._add_criterion(RuleCode.CONSTANT_CRITERION, message, index, "leave it out")
            elif len(causes) == 1 and self._follows(causes[0], name):
                later = max(index, self._criteria.index(causes[0]))
                pair = sorted((name, causes[0]), key=self._criteria.index)
                message = f"the criteria {_named(pair)} say the same"
                self._add_criterion(RuleCode.REPEATED_CRITERION, message, later, "keep one of them")
                repeated.add(pair[1])
            else:
                message = f"the criterion `{name}` holds for everyone who meets {_named(causes)}"
                self._add_criterion(RuleCode.IMPLIED_CRITERION, message, index, _LEAVE_OUT, warn=True)

    def _follows(self, name: str, cause: str) -> bool:
        return self.questions.find([cause], lacking=[name]).answer is Answer.NOBODY

    def check_lines(self, component: str) -> None:
        """Record lines of one component that are never reached, and whom no line reaches.

        Criteria that earlier months waive do not count: their lines are asked without them.
        """
        backdate = self.version.backdate
        base = [each for each in self._criteria if backdate is None or each not in backdate.waives]
        earlier: list[_Line] = []
        for line in self._lines[component]:
            taken = next((each for each in earlier if not each.has_condition), None)
            if taken is not None:
                self._add_unreachable(line, f"{taken.name} takes everyone")
                continue
            names = [line.name] if line.has_condition else []
            search = self.questions.find([*base, *names], lacking=[each.name for each in earlier])
            open_question = f"whether {line.name} of the tariff is ever reached"
            if not self._is_open(search, open_question) and search.answer is Answer.NOBODY:
                without_earlier = self.questions.find([*base, *names])
                because = (without_earlier if without_earlier.answer is Answer.NOBODY else search).because
                self._add_unreachable(line, self._why_never(line, because))
            earlier.append(line)
        for one, other in combinations(earlier, 2):
            self._check_touching(one, other, base)
        if all(each.has_condition for each in earlier):
            self._check_gap(component, base, [each.name for each in earlier])

    def _check_touching(self, one: _Line, other: _Line, base: list[str]) -> None:
        """Record two lines with different amounts that share nothing but a threshold: `<= 20` and `>= 20`."""
        lines = self.version.lines
        if lines[one.index].amount == lines[other.index].amount:
            return
        shared = [border for border in self._borders.get(one.name, {}) if border in self._borders.get(other.name, {})]
        for border in shared:
            wanted = [*base, one.name, other.name]
            is_shared = self.questions.find(wanted).answer is Answer.FOUND
            if is_shared and self.questions.find(wanted, lacking=[border]).answer is Answer.NOBODY:
                message = f"{one.name} and {other.name} both apply {border.replace('at ', 'at `', 1)}`, and {one.name} is taken"
                remedy = "leave the threshold to one of them"
                self.faults.add(RuleCode.LINES_TOUCH, message, "tariff", other.index, "when", remedy=remedy, warn=True)

    def _check_gap(self, component: str, base: list[str], lines: list[str]) -> None:
        search = self.questions.find(base, failing=lines, shown=True)
        if self._is_open(search, "whether some line of the tariff applies to everyone") or search.witness is None:
            return
        whose = "no line of the tariff applies" if component == "main" else f"no line of `{component}` applies"
        message = f"{whose} to somebody who meets the criteria: {search.witness}"
        remedy = "their amount stays open: add a line for them, with `amount: 0` if nothing is due"
        self.faults.add(RuleCode.TARIFF_GAP, message, "tariff", remedy=remedy)

    def _why_never(self, line: _Line, because: Iterable[str]) -> str:
        causes = [each for each in because if each != line.name]
        lines = [each for each in causes if each not in self._criteria]
        criteria = [each for each in causes if each in self._criteria]
        if not causes:
            return "its condition is never true"
        if not lines:
            return f"nobody who meets {_named(criteria)} is in it"
        verb = "takes" if len(lines) == 1 else "take"
        whom = "everyone in it" if line.has_condition else "everyone"
        return f"{_listed(lines)} {verb} {whom}{f' who meets {_named(criteria)}' if criteria else ''}"

    def _add_unreachable(self, line: _Line, why: str) -> None:
        message = f"{line.name} is never reached: {why}"
        self.faults.add(RuleCode.UNREACHABLE_LINE, message, "tariff", line.index, remedy=_FIRST_TAKEN)

    def _add_criterion(self, code: RuleCode, message: str, index: int, remedy: str, *, warn: bool = False) -> None:
        self.faults.add(code, message, "criteria", index, "when", remedy=remedy, warn=warn)

    def _is_open(self, search: Search, question: str) -> bool:
        """Remember a question that was not decided; say whether it is one."""
        if search.answer is Answer.OPEN:
            self._open.append(question)
        return search.answer is Answer.OPEN

    def say_what_is_open(self) -> None:
        """Record the questions that were not decided."""
        if self._open:
            message = f"not decided within the limits: {'; '.join(self._open)}"
            remedy = "name parts that multiply or divide facts as attributes of the catalogue, or look at it yourself"
            self.faults.add(RuleCode.NOT_DECIDED, message, "criteria", remedy=remedy, warn=True)


def _borders(condition: Node) -> Iterator[Node]:
    """Give the equality that lies between both sides of each comparison with an order."""
    for part in walk(condition):
        if isinstance(part, Compare) and part.sign not in EQUALITIES and facts_of(part):
            left, right = (part.left, part.right) if facts_of(part.left) else (part.right, part.left)
            yield Compare("==", left, right)


def _named(names: Iterable[str]) -> str:
    return _listed([f"`{name}`" for name in names])


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
