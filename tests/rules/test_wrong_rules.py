"""Wrong rules as officers make them: each slip is put into a shipped rule, and the checks have to say so.

The examples are made anew from the wrong rule, as those of an officer who has misread the document: nothing but the
checks stands between the slip and the money.
"""

from functools import cache
from pathlib import Path

import pytest

import rules
from core.clock import civil_day
from core.errors import RuleError
from profiles.catalogue import Catalogue
from profiles.catalogue_reading import read_catalogue
from rules.bound import RuleVersion
from rules.checks import check_version
from rules.example_writing import as_block, example_item
from rules.examples import run_examples
from rules.neighbours import check_neighbours
from rules.netting_terms import check_together
from rules.reading import parse_version, read_policies
from rules.same_names import check_names
from rules.trial_cases import first_cases
from tests.store.worlds import CLOCK_START

LIBRARY = Path(rules.__file__).parent / "library"
TODAY = civil_day(CLOCK_START)

NURSING, AGED, REFUND = "disability-nursing-allowance/2", "old-age-allowance/1", "job-stabilisation-refund/2"
HIGHTECH, MEDICAL, ORPHAN = "hightech-award/1", "medical-assistance/1", "orphan-living-allowance/3"
CENTRE, RETENTION, ZHANGJIANG = (
    "technology-centre-national/1",
    "scale-up-retention-award/1",
    "hightech-award-zhangjiang/1",
)
FROM_65 = "label: 年满65周岁（生日当月起算）\n    when: full_years_by_month(出生日期) >= 65"
SEVERE = '残疾等级 in [1, 2] or (残疾等级 == 3 and 残疾类别 in ["智力", "精神"])'
LISTED = '儿童保障类别 in ["孤儿", "困境儿童", "事实无人抚养儿童", "感染艾滋病病毒儿童", "被领养残疾孤儿"]'
HERE = 'within(户籍区划, "310118")'
GUARD = "guard: {count: [0, 20000], amount_change: 60%}"
ARREARS = "  arrears: {months: 24}"

SLIPS = [
    # units and magnitudes
    ("5.5 for 5.5%", REFUND, "layoff_rate_max: 5.5%", "layoff_rate_max: 5.5", "R329"),
    ("55% for 5.5%", REFUND, "layoff_rate_max: 5.5%", "layoff_rate_max: 55%", "R329"),
    ("60 for 60%", REFUND, "sme_share: 60%", "sme_share: 60", "R329"),
    ("25 for 25万", HIGHTECH, "first: 25万", "first: 25", "R329"),
    ("万元 of 万元", HIGHTECH, "first: 25万", "first: 250000万", "R329"),
    ("fen for yuan", NURSING, "level_1: 350", "level_1: 35000", "R335"),
    ("a year for a month", NURSING, "level_1: 350", "level_1: 4200", "R335"),
    ("16 for 16万", MEDICAL, "most: 16万", "most: 16", "R329"),
    ("0.9% for 90%", MEDICAL, "dibao_rate: 90%", "dibao_rate: 0.9%", "R329"),
    ("a ratio for a fact in %", "price-subsidy/1", "3.5", "3.5%", "R326"),
    ("a budget in 万", NURSING, GUARD, "budget: [{year: 2025, amount: 100}]", "R335"),
    ("a ceiling in 万", ZHANGJIANG, "guard:", "caps: [{pool: 封顶, amount: 16, span: year}]\nguard:", "R335"),
    ("a guard in words", NURSING, "amount_change: 60%", "amount_change: 六成", "R304"),
    # borders
    ("> for 满", AGED, FROM_65, FROM_65.replace(">= 65", "> 65"), "R329"),
    ("> for 满, named", RETENTION, ">= years_in_list", "> years_in_list", "R329"),
    ("64 for 65", AGED, FROM_65, FROM_65.replace(">= 65", ">= 64"), "R329"),
    ("66 for 65", AGED, FROM_65, FROM_65.replace(">= 65", ">= 66"), "R329"),
    ("<= for 未满", ORPHAN, "full_years(出生日期) < 18", "full_years(出生日期) <= 18", "R329"),
    ("16 for 18", ORPHAN, "full_years(出生日期) < 18", "full_years(出生日期) < 16", "R329"),
    ("300 people for 30", REFUND, "small_headcount_max: 30", "small_headcount_max: 300", "R329"),
    ("another year in a day", HIGHTECH, '<= d"2025-12-31"', '<= d"2024-12-31"', "R329"),
    ("another label", AGED, "label: 年满65周岁", "label: 年满60周岁", "R329"),
    # logic
    ("a denial forgotten", NURSING, "when: not 特困供养", "when: 特困供养", "R329"),
    ("or for and in a denial", ORPHAN, LISTED, '儿童保障类别 != "孤儿" or 儿童保障类别 != "困境儿童"', "R308"),
    ("always true inside", NURSING, '残疾类别 in ["智力", "精神"]', '(残疾类别 != "智力" or 残疾类别 != "精神")', "R331"),
    ("never true inside", NURSING, '残疾类别 in ["智力", "精神"]', '残疾类别 == "智力" and 残疾类别 == "精神"', "R331"),
    ("a forgotten bracket", NURSING, SEVERE, SEVERE.replace("(", "").replace(")", ""), "R337"),
    ("a level that there is not", NURSING, "残疾等级 in [1, 2]", "残疾等级 in [1, 2, 5]", "R331"),
    ("an alternative twice", NURSING, SEVERE, f"残疾等级 == 1 or {SEVERE}", "R331"),
    ("everyone listed", ORPHAN, 'in ["孤儿",', 'in ["无", "孤儿",', "R308"),
    ("two facts that exclude each other", AGED, "when: not 已死亡", "when: full_years(出生日期) < 60", "R320"),
    ("the same criterion twice", NURSING, "when: not 工伤护理费", "when: 特困供养 == false", "R323"),
    ("met for want of a record", NURSING, SEVERE, "残疾等级 <= 2 and not 孤儿保障", "R324"),
    # codes and areas
    ("the district beside", NURSING, HERE, HERE.replace("118", "117"), "R332"),
    ("a code that nobody has", NURSING, HERE, HERE.replace("118", "199"), "R332"),
    ("a retired code", NURSING, HERE, HERE.replace("118", "119"), "R211"),
    ("a value of another list", REFUND, '企业规模 == "大型"', '企业规模 == "特大型"', "R205"),
    # tiers
    ("a gap at a border", AGED, ">= 70 and", "> 70 and", "R324"),
    ("both at a border", AGED, "< 70\n", "<= 70\n", "R328"),
    ("both on a stretch", AGED, "< 70\n", "< 75\n", "R328"),
    ("two amounts exchanged", AGED, "age_70: 150\n  age_80: 180", "age_70: 180\n  age_80: 150", "R334"),
    ("a digit too few", AGED, "age_90: 350", "age_90: 35", "R334"),
    ("a digit too many", AGED, "age_80: 180", "age_80: 1800", "R334"),
    ("the widest first", AGED, ">= 65 and full_years_by_month(出生日期) < 70", ">= 65", "R307"),
    ("an amount below zero", AGED, "age_65: 75", "age_65: 0 - 75", "R330"),
    ("min for max", "heating-subsidy/1", "max(urban - 已发取暖补贴, 0)", "min(urban - 已发取暖补贴, 0)", "R330"),
    ("the amount of another tier", AGED, "amount: age_90", "amount: age_80", "R309"),
    ("rates of another group", MEDICAL, "edge_rate: 80%", "edge_rate: 95%", "R329"),
    # days and terms
    ("30 February", HIGHTECH, 'd"2025-12-31"', 'd"2025-02-30"', "R104"),
    ("the end before the beginning", HIGHTECH, "valid_through: 2025", "valid_through: 2021", "R303"),
    ("a month that nobody covers", ORPHAN, "valid_from: 2025-01-01", "valid_from: 2025-02-01", "R327"),
    ("2052 for 2025", NURSING, "valid_from: 2025-07-01", "valid_from: 2052-07-01", "R333"),
    ("signed in 2052", NURSING, "signed_on: 2025-08-07", "signed_on: 2052-08-07", "R333"),
    ("a budget of another year", NURSING, GUARD, "budget: [{year: 2020, amount: 100万}]", "R333"),
    ("once for every month", NURSING, "  period: month", "  period: once", "R329"),
    ("a duration below a period", REFUND, "  period: year", "  duration: {months: 6}\n  period: year", "R304"),
    ("the smallest payout above all", AGED, ARREARS, f"  least: 1万\n{ARREARS}", "R330"),
    ("rounded to nothing", AGED, ARREARS, f"  round_to: 1000\n{ARREARS}", "R330"),
    ("instalments that are not the whole", ZHANGJIANG, "second_instalment: 10万", "second_instalment: 5万", "R329"),
    ("once, in advance", HIGHTECH, "month: 3, day: 20}", "month: 3, day: 20, advance: true}", "R304"),
    ("a payee from elsewhere", NURSING, "  period: month", "  payee: {relation: members}\n  period: month", "R305"),
    ("facts of no day", NURSING, "  period: month", "  facts: latest\n  period: month", "R304"),
    # groups and names
    ("another span than the group's", CENTRE, "span: lifetime", "span: year", "R321"),
    ("a group misspelt", CENTRE, "企业技术中心扶持, mode", "企业技术中心扶植, mode", "R313"),
    ("the item code of another", NURSING, "310118-CL-0002", "310118-CL-0004", "R312"),
    ("the title of another", NURSING, "title: 重度残疾人护理补贴", "title: 老年综合津贴", "R312"),
    ("one label for two", NURSING, "label: 未在监狱服刑", "label: 未享受特困人员救助供养", "R302"),
    # characters
    ("a space without width", NURSING, "title: 重度残疾人", "title: 重度残疾人\u200b", "R105"),
    ("a mark of direction", NURSING, "label: 健在", "label: 健\u202e在", "R105"),
    ("a Cyrillic letter", NURSING, "- id: alive", "- id: \u0430live", "R105"),
    ("a Cyrillic letter in a name", NURSING, "amount: level_1", "amount: l\u0435vel_1", "R105"),
    ("a radical", NURSING, '"智力", "精神"', '"智力", "精\u2f79"', "R205"),
]  # fmt: skip


@cache
def catalogue() -> Catalogue:
    return read_catalogue(LIBRARY / "catalogue")


@cache
def shipped() -> tuple[RuleVersion, ...]:
    return tuple(read_policies(LIBRARY / "policies", catalogue()))


def misread(name: str, before: str, after: str) -> RuleVersion:
    """Return a shipped version with a slip, and with the examples that follow from it."""
    text = (LIBRARY / "policies" / f"{name}.yaml").read_text("utf-8")
    assert before in text, before
    wrong = text.replace(before, after)
    version = parse_version(wrong, catalogue(), f"policies/{name}.yaml")
    cases = first_cases(version)
    if not cases:
        return version
    head = wrong[: wrong.index("\nexamples:\n") + 1]
    examples = as_block(example_item(version, each.name, each.day, each.facts, each.answer) for each in cases)
    return parse_version(f"{head}examples:\n{examples}", catalogue(), f"policies/{name}.yaml")


def told(version: RuleVersion) -> set[str]:
    """Return the codes of what the checks say of a version among the shipped ones."""
    named = (version.policy, version.version)
    every = [version if (each.policy, each.version) == named else each for each in shipped()]
    between = [*check_neighbours(every, on=TODAY), *check_together(every), *check_names(every)]
    findings = [*check_version(version), *run_examples(version)]
    findings += [each for each in between if each.place.path == version.script.name]
    return {finding.code.value for finding in findings}


@pytest.mark.parametrize(
    ("name", "before", "after", "code"), [pytest.param(*slip[1:], id=slip[0].replace(" ", "-")) for slip in SLIPS]
)
def test_a_slip_is_found(name: str, before: str, after: str, code: str) -> None:
    """What the officer meant to write passes; what was written does not."""
    try:
        codes = told(misread(name, before, after))
    except RuleError as error:
        codes = {finding.code.value for finding in error.findings}

    assert code in codes


def test_what_is_right_is_left_alone() -> None:
    """A warning that nobody can act on teaches to pass over warnings: the library is free of all but its own two kinds."""
    every = list(shipped())
    findings = [finding for version in every for finding in check_version(version)]
    findings += [*check_neighbours(every, on=TODAY), *check_together(every), *check_names(every)]

    assert {finding.code.value for finding in findings} <= {"R504", "R327"}
    assert [each.place.path for each in findings if each.code.value == "R327"] == [
        "policies/job-expansion-subsidy/2.yaml"
    ]
