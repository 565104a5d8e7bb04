"""工作手册 and 申兑指南: everything that people ask of one rule version, as one record; `pages.guide` shows it.

A function of the version, the catalogue and the days on which the version stands; nothing of any person is in it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from core.clock import civil_day
from core.days import LAST_DAY, DayRange
from core.money import FEN_PER_YUAN, yuan_text
from engine.deployment import Deployment
from engine.explaining.state_words import BENEFIT_WORDS, LANE_WORDS, OUTCOME_WORDS
from engine.lifecycle.publishing import all_activations, chosen_versions
from profiles.catalogue import Catalogue
from rules.areas import region_name
from rules.before_money import Step, steps_of
from rules.bound import RuleVersion
from rules.operands import constant_number
from rules.standing import Activation, standing
from rules.tariff import BoundLine
from rules.term_words import EACH_WORDS, TermLine, term_words
from rules.tree import Fact, Node, is_constant, walk
from rules.version import Basis, Contact, Lane, WrittenVersion
from rules.wording import wording

MAIN = "main"  # the component of a tariff that has no other

_REFRESH = {
    "daily": "每日", "weekly": "每周", "monthly": "每月", "quarterly": "每季度", "yearly": "每年", "irregular": "不定期"
}  # fmt: skip
_STEPS: dict[Lane, tuple[str, ...]] = {
    Lane.AUTOMATIC: ("系统每晚自动比对", "符合条件的自动认定", "按发放日直接拨付", "短信或信函告知结果"),
    Lane.CONFIRM: ("系统每晚自动比对", "符合条件的发出告知", "本人确认意愿和收款账户", "按发放日拨付"),
    Lane.GUIDED: ("系统每晚自动比对", "系统预填已有信息", "本人回答尚缺的一个问题", "按发放日拨付"),
    Lane.INFORM: ("系统每晚自动比对", "符合条件的发出告知", "由主管部门另行办理"),
}


_ASKED: dict[Step, str] = {Step.CHECK: "{checked_by}确认名单", Step.PUBLICITY: "公示{working_days}个工作日"}
"""Steps that a rule's terms add before money, whatever its lane."""


@dataclass(frozen=True, slots=True)
class GuideCondition:
    """One condition; `data` are the labels of the facts that decide it."""

    label: str
    wording: str
    article: str | None
    remedy: str | None
    actionable: bool
    data: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GuideAmount:
    """One line of the standard: for whom, how much, and where the document says so."""

    component: str | None
    when: str
    amount: str
    is_fixed: bool
    article: str | None


@dataclass(frozen=True, slots=True)
class GuideDatum:
    """One fact that is needed, which departments share it in which tables, and how often."""

    label: str
    owners: tuple[str, ...]
    source: str
    refresh: str
    absent: str


@dataclass(frozen=True, slots=True)
class GuideExample:
    """One worked example in words."""

    name: str
    day: dt.date
    outcome: str
    amount: str


@dataclass(frozen=True, slots=True)
class Guide:
    """One version as people read it.

    `is_verified` says whether every part of its basis was found in a source, or compared with one by an officer.
    """

    policy: str
    version: int
    title: str
    item_code: str
    owner: str
    subject: str
    region: str
    summary: str | None
    lane: str
    benefit: str
    stands: str
    is_draft: bool
    conditions: tuple[GuideCondition, ...]
    amounts: tuple[GuideAmount, ...]
    each: str
    terms: tuple[TermLine, ...]
    steps: tuple[str, ...]
    basis: tuple[Basis, ...]
    is_verified: bool
    contact: Contact | None
    data: tuple[GuideDatum, ...]
    departments: tuple[str, ...]
    examples: tuple[GuideExample, ...]
    fingerprint: str
    as_of: dt.date


def guides(deployment: Deployment, policy: str | None, version: int | None) -> list[Guide]:
    """Return the guide of one version, or of one policy's newest, or, without a policy, of each policy's newest.

    Fails: RuleError where a file has faults, or where there is no such policy or version.
    """
    newest = {each.policy: each for each in chosen_versions(deployment, policy, version)}
    activations, today = all_activations(deployment), civil_day(deployment.clock.now())
    return [guide_of(each, deployment.catalogue, activations, as_of=today) for each in newest.values()]


def guide_of(version: RuleVersion, catalogue: Catalogue, activations: Sequence[Activation], *, as_of: dt.date) -> Guide:
    """Return a version as people read it."""
    written = version.written
    data = tuple(_datum(catalogue, code) for code in _read_in_order(version))
    stands = _stands(version, [each for each in activations if each.policy == version.policy])
    return Guide(
        policy=written.policy,
        version=written.version,
        title=written.title,
        item_code=written.item_code,
        owner=written.owner,
        subject=catalogue.kinds[written.subject].label,
        region=region_name(written.region) or written.region,
        summary=written.summary,
        lane=LANE_WORDS[written.lane],
        benefit=BENEFIT_WORDS[written.benefit],
        stands=stands or "尚未发布",
        is_draft=stands is None,
        conditions=_conditions(version, catalogue),
        amounts=_amounts(version),
        each="每年" if written.terms.amount_for == "year" else EACH_WORDS[written.terms.period],
        terms=term_words(written, {each.code: each.label for each in catalogue.relations.values()}),
        steps=_steps(written),
        basis=written.basis,
        is_verified=all(each.certainty == "S" or each.verified is not None for each in written.basis),
        contact=written.contact,
        data=data,
        departments=tuple(dict.fromkeys(owner for each in data for owner in each.owners)),
        examples=_examples(version),
        fingerprint=version.fingerprint[:16],
        as_of=as_of,
    )


def _steps(written: WrittenVersion) -> tuple[str, ...]:
    """Return what happens from the match to the money, in order."""
    *before, pay, told = _STEPS[written.lane] if written.lane is Lane.AUTOMATIC else (*_STEPS[written.lane], "")
    terms = written.terms
    days = terms.publicity.working_days if terms.publicity else 0
    asked = [
        _ASKED[step].format(checked_by=terms.checked_by, working_days=days)
        for step in steps_of(written)
        if step in _ASKED
    ]
    return tuple(each for each in (*before, *asked, pay, told) if each)


def _stands(version: RuleVersion, activations: Sequence[Activation]) -> str | None:
    """Return the days on which a version stands; None where it was never activated."""
    if version.version not in {each.version for each in activations}:
        return None
    every = DayRange(min(each.valid_from for each in activations), LAST_DAY)
    known_at = max(each.activated_at for each in activations)
    own = [stand.days for stand in standing(activations, every, known_at=known_at) if stand.version == version.version]
    said = [f"{days.first}起" if days.last == LAST_DAY else f"{days.first}至{days.last}" for days in own]
    return "；".join(said) or "已被取代或废止"


def _conditions(version: RuleVersion, catalogue: Catalogue) -> tuple[GuideCondition, ...]:
    return tuple(
        GuideCondition(
            label=bound.label,
            wording=wording(bound.node),
            article=written.article,
            remedy=written.remedy,
            actionable=written.actionable,
            data=tuple(catalogue.attributes[code].label for code in _facts(bound.node)),
        )
        for bound, written in zip(version.criteria, version.written.criteria, strict=True)
    )


def _amounts(version: RuleVersion) -> tuple[GuideAmount, ...]:
    """Return the lines of the standard, in the order written."""
    left = {component: list(lines) for component, lines in version.tariff.items()}
    found = []
    for written in version.written.tariff:
        line: BoundLine = left[written.component].pop(0)
        when = "其余情形" if line.when is None and len(version.tariff[written.component]) > 1 else "符合条件的"
        component = None if written.component == MAIN else written.component
        when = when if line.when is None else wording(line.when)
        if written.instalment is not None:
            when += f"（第{written.instalment}期）"
        found.append(GuideAmount(component, when, _amount(line.amount), is_constant(line.amount), written.article))
    return tuple(found)


def _amount(node: Node) -> str:
    yuan = constant_number(node)
    if yuan is None:
        return wording(node)
    fen = yuan * FEN_PER_YUAN
    return f"{yuan_text(int(fen)).removesuffix('.00')}元" if fen.denominator == 1 else f"{wording(node)}元"


def _read_in_order(version: RuleVersion) -> tuple[str, ...]:
    lines = [line for lines in version.tariff.values() for line in lines]
    nodes = [criterion.node for criterion in version.criteria]
    nodes += [part for line in lines for part in (line.when, line.amount) if part is not None]
    return tuple(dict.fromkeys([*(code for node in nodes for code in _facts(node)), *sorted(version.attributes)]))


def _facts(node: Node) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.code for part in walk(node) if isinstance(part, Fact)))


def _datum(catalogue: Catalogue, code: str) -> GuideDatum:
    attribute = catalogue.attributes[code]
    names = [source.resource for source in attribute.sources]
    if attribute.via is not None:
        names += catalogue.resources_of(catalogue.relations[attribute.via.relation])
    resources = [catalogue.resources[name] for name in dict.fromkeys(names)]
    absent = attribute.when_absent
    return GuideDatum(
        label=attribute.label,
        owners=tuple(dict.fromkeys(each.owner for each in resources)),
        source="、".join(f"《{each.label}》" for each in resources),
        refresh="、".join(dict.fromkeys(_REFRESH[each.refresh] for each in resources)),
        absent=("是" if absent else "否")
        if isinstance(absent, bool)
        else "待核"
        if absent == "unknown"
        else str(absent),
    )


def _examples(version: RuleVersion) -> tuple[GuideExample, ...]:
    return tuple(
        GuideExample(
            name=each.name,
            day=each.day,
            outcome=OUTCOME_WORDS[each.expect.outcome],
            amount="—" if each.expect.amount is None else f"{each.expect.amount}元",
        )
        for each in version.written.examples
    )
