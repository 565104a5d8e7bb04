"""Checks of what a version says about netting: its exclusion group, its ceilings, and money that counts as paid.

What several policies say of one group or pool must agree, which no file can tell alone: `check_together`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Literal

from core.days import PeriodKind
from core.findings import Finding, nearest_help
from profiles.catalogue import Catalogue, Relation
from rules.bound import RuleVersion
from rules.codes import RuleCode
from rules.passages import Faults, Key
from rules.version import Exclusion, WrittenVersion

PER_VERSION = "version"
_NEARNESS = 0.85  # one sign of eight: 企业技术中心扶植 for 扶持, and not 生活类津贴 for 护理类津贴
_NO_RELATION = {"subject", PER_VERSION}

Section = Literal["excludes", "caps"]


def relation_named(catalogue: Catalogue, word: str) -> Relation | None:
    """Return the relation that a code or a label names, or None."""
    if word in catalogue.relations:
        return catalogue.relations[word]
    return next((each for each in catalogue.relations.values() if each.label == word), None)


def check_netting(written: WrittenVersion, catalogue: Catalogue, faults: Faults) -> None:
    """Record what is wrong with the groups, the pools and the money that counts as paid."""
    for index, exclusion in enumerate(written.excludes):
        _check_exclusion(exclusion, ("excludes", index), faults)
        _check_distance(exclusion, written, ("excludes", index, "mode"), faults)
        if exclusion.per is not None:
            _check_relation(exclusion.per, written, catalogue, ("excludes", index, "per"), faults)
    for index in [index for index, each in enumerate(written.excludes) if each.mode != "stack"][1:]:
        message = f"the group `{written.excludes[index].group}` is the second; a version belongs to one at most"
        remedy = "name one group; what may be paid beside it needs none"
        faults.add(RuleCode.BAD_TERMS, message, "excludes", index, remedy=remedy)
    for index, cap in enumerate(written.caps):
        if cap.per not in _NO_RELATION:
            _check_relation(cap.per, written, catalogue, ("caps", index, "per"), faults)
        if cap.pool in [each.pool for each in written.caps[:index]]:
            message = f"the pool `{cap.pool}` stands twice in `caps`"
            faults.add(RuleCode.DUPLICATE_ID, message, "caps", index, "pool", remedy="give each a name of its own")
    _check_counted_periods(written, faults)
    if (written.benefit == "deferral") != (written.terms.deferred is not None):
        message = f"`benefit: {written.benefit}` and `deferred` do not fit"
        remedy = "say with `benefit: deferral`, and only there, after how many months it falls due"
        faults.add(RuleCode.BAD_TERMS, message, "terms", "deferred", remedy=remedy)
    for keys, has_any in _for_money(written).items():
        if has_any and written.benefit != "cash":
            message = f"nothing is paid of `benefit: {written.benefit}`, so nothing can be netted"
            faults.add(RuleCode.BAD_TERMS, message, *keys, remedy="leave it out, or mend `benefit`")


def _for_money(written: WrittenVersion) -> Mapping[tuple[Key, ...], bool]:
    return {("caps",): bool(written.caps), ("terms", "counts_as_paid"): written.terms.counts_as_paid is not None}


def _check_counted_periods(written: WrittenVersion, faults: Faults) -> None:
    """Record durations and instalments of benefits that have no periods, and components that are of two instalments."""
    has_periods = written.terms.period not in {PeriodKind.ONCE, PeriodKind.EVENT}
    of_component: dict[str, int | None] = {}
    for index, line in enumerate(written.tariff):
        first = of_component.setdefault(line.component, line.instalment)
        if first != line.instalment or (line.instalment is not None and line.instalment < 1):
            message = f"the component `{line.component}` is of one instalment, numbered from 1"
            remedy = "give all its lines the same `instalment`"
            faults.add(RuleCode.BAD_TERMS, message, "tariff", index, remedy=remedy)
        elif line.instalment is not None and not has_periods:
            message = f"`period: {written.terms.period}` has no second period for an instalment"
            faults.add(RuleCode.BAD_TERMS, message, "tariff", index, remedy="pay by month, quarter or year")
    if written.terms.duration is not None and (not has_periods or written.terms.period is PeriodKind.DECLARED):
        message = f"`period: {written.terms.period}` lasts no months"
        faults.add(RuleCode.BAD_TERMS, message, "terms", "duration", remedy="pay by month, quarter or year")


def _check_exclusion(exclusion: Exclusion, keys: tuple[Key, ...], faults: Faults) -> None:
    for mode, name, given in (
        ("at_most", "at_most", exclusion.at_most),
        ("apart", "months", exclusion.months),
        ("priority", "priority", exclusion.priority),
    ):
        is_needed = exclusion.mode == mode and mode != "priority"
        if (given is not None and exclusion.mode != mode) or (given is None and is_needed):
            remedy = f"give `{name}` a number with `mode: {mode}`, and only there"
            message = f"the group `{exclusion.group}`: `mode: {exclusion.mode}` and `{name}` do not fit"
            faults.add(RuleCode.BAD_TERMS, message, *keys, remedy=remedy)


def _check_distance(exclusion: Exclusion, written: WrittenVersion, keys: tuple[Key, ...], faults: Faults) -> None:
    if exclusion.mode == "apart" and written.terms.version_by is None:
        message = "`mode: apart` counts months between the days of events, and `version_by` names none"
        faults.add(RuleCode.BAD_TERMS, message, *keys, remedy="name the event's day in `version_by`")


def _check_relation(
    word: str, written: WrittenVersion, catalogue: Catalogue, keys: tuple[Key, ...], faults: Faults
) -> None:
    relation = relation_named(catalogue, word)
    if relation is None:
        known = sorted(catalogue.relations)
        remedy = nearest_help(word, known, "relation") or f"the relations are: {', '.join(known) or 'none'}"
        faults.add(RuleCode.BAD_REFERENCE, f"no relation is called `{word}`", *keys, remedy=remedy)
    elif relation.subject != written.subject and written.subject in catalogue.kinds:
        message = f"the relation `{word}` begins at `{relation.subject}`, not at `{written.subject}`"
        faults.add(RuleCode.BAD_REFERENCE, message, *keys, remedy="name a relation of the version's own subjects")


def check_together(versions: Iterable[RuleVersion]) -> list[Finding]:
    """Return where the newest versions of several policies disagree about a group or a pool that they share."""
    newest = {version.policy: version for version in sorted(versions, key=lambda each: each.version)}
    said: defaultdict[tuple[Section, str], list[tuple[RuleVersion, int, str]]] = defaultdict(list)
    for _, version in sorted(newest.items()):
        for index, exclusion in enumerate(version.written.excludes):
            words = f"mode: {exclusion.mode}, span: {exclusion.span}, per: {exclusion.per or 'subject'}"
            words += f", at_most: {exclusion.at_most}" if exclusion.at_most else ""
            words += f", months: {exclusion.months}" if exclusion.months else ""
            said["excludes", exclusion.group].append((version, index, words))
        for index, cap in enumerate(version.written.caps):
            said["caps", cap.pool].append((version, index, f"span: {cap.span}, per: {cap.per}"))
    findings = [
        finding for (section, name), places in said.items() for finding in _disagreements(section, name, places)
    ]
    return [*findings, *_near(said), *_same_place(newest.values())]


def _near(said: Mapping[tuple[Section, str], list[tuple[RuleVersion, int, str]]]) -> Iterator[Finding]:
    """Give the groups and pools that one policy alone is in, where another has nearly the same name."""
    for (section, name), places in said.items():
        others = [each for of, each in said if of == section and each != name]
        near = get_close_matches(name, others, n=1, cutoff=_NEARNESS)
        if near and len({version.policy for version, _, _ in places}) == 1:
            version, index, _ = places[0]
            faults = Faults(version.script)
            message = f"no other policy names `{name}`"
            remedy = f"the nearest name is `{near[0]}`"
            faults.add(RuleCode.NEAR_NAME, message, section, index, remedy=remedy, warn=True)
            yield from faults.findings


def _same_place(versions: Iterable[RuleVersion]) -> Iterator[Finding]:
    """Give the policies that share a place in a group whose order decides who is paid."""
    ranked = [
        (version, index, each)
        for version in versions
        for index, each in enumerate(version.written.excludes)
        if each.mode == "priority"
    ]
    for version, index, each in ranked:
        same = [(each.group, each.priority) == (beside.group, beside.priority) for _, _, beside in ranked]
        other = next(
            (of for (of, _, _), is_same in zip(ranked, same, strict=True) if is_same and of is not version), None
        )
        if other is not None:
            faults = Faults(version.script)
            place = "no `priority`" if each.priority is None else f"`priority: {each.priority}`"
            message = f"in `{each.group}` this policy has {place}, as `{other.policy}` has"
            remedy = "give each a number of its own: the smallest is paid first"
            faults.add(RuleCode.DISAGREE, message, "excludes", index, remedy=remedy)
            yield from faults.findings


def _disagreements(section: Section, name: str, places: list[tuple[RuleVersion, int, str]]) -> Iterable[Finding]:
    """Give the finding of each policy that another one contradicts: whoever looks at one of them is told."""
    for version, index, words in places:
        other = next((each for each in places if each[2] != words), None)
        if other is not None:
            faults = Faults(version.script)
            message = f"`{name}` says `{words}` here and `{other[2]}` in `{other[0].policy}`"
            faults.add(RuleCode.DISAGREE, message, section, index, remedy="all policies that share it say the same")
            yield from faults.findings
