"""The shipped vocabulary and policies: they read, their examples come out, and they say how sure they are."""

import datetime as dt
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import rules
from core.days import DayRange
from engine.demo_library import marked_text
from profiles.catalogue import Catalogue, Role
from profiles.catalogue_reading import read_catalogue
from rules.bound import RuleVersion
from rules.checks import UNVERIFIED as TAGS
from rules.checks import check_version, unverified
from rules.closed import close_version
from rules.closures import Value
from rules.codes import RuleCode
from rules.examples import run_examples
from rules.reading import parse_version, read_policies
from rules.standing import Activation, StandState, standing

LIBRARY = Path(rules.__file__).parent / "library"

# Versions that pay, or promise, an amount or a formula that was not found in a text of Shanghai.
UNVERIFIED = {
    ("advanced-age-allowance", 1),
    ("cataract-surgery-subsidy", 1),
    ("cataract-surgery-subsidy-qidong", 1),
    ("disability-living-allowance", 3),
    ("disabled-levy-exemption", 1),
    ("hightech-award", 1),
    ("family-planning-reward", 1),
    ("gazelle-award", 1),
    ("job-stabilisation-refund", 2),
    ("logistics-rank-award", 1),
    ("medical-assistance", 1),
    ("model-cooperative-award", 1),
    ("patent-grant-subsidy", 1),
    ("research-ranking-award", 1),
    ("service-loan-interest-subsidy", 1),
    ("service-loan-interest-subsidy", 2),
    ("tech-giant-matching-award", 1),
    ("technology-centre-district", 1),
    ("technology-centre-municipal", 1),
    ("technology-centre-national", 1),
}


@cache
def catalogue() -> Catalogue:
    return read_catalogue(LIBRARY / "catalogue")


@cache
def versions() -> dict[tuple[str, int], RuleVersion]:
    return {(each.policy, each.version): each for each in read_policies(LIBRARY / "policies", catalogue())}


def names() -> Iterator[tuple[str, int]]:
    """Give policy and version of every file, without reading it."""
    for path in sorted((LIBRARY / "policies").rglob("*.yaml")):
        yield path.parent.name, int(path.stem)


each_version = pytest.mark.parametrize("name", [pytest.param(name, id=f"{name[0]}-{name[1]}") for name in names()])


@each_version
def test_file_is_named_for_what_it_holds(name: tuple[str, int]) -> None:
    """`policies/<policy>/<version>.yaml`."""
    assert name in versions()


@each_version
def test_examples_come_out(name: tuple[str, int]) -> None:
    """Each example alone and among strangers, as the officer wrote it."""
    assert [str(finding) for finding in run_examples(versions()[name])] == []


@each_version
def test_version_may_be_submitted(name: tuple[str, int]) -> None:
    """No constant criterion, no line that is never reached, no warning."""
    found = [finding for finding in check_version(versions()[name]) if finding.code is not RuleCode.UNVERIFIED]

    assert [str(finding) for finding in found] == []


@each_version
def test_a_demonstration_marks_every_unverified_figure(name: tuple[str, int]) -> None:
    """As it is, a version with such a figure is an example; marked in the open, it may be shown, with the same results."""
    version = versions()[name]
    tags = [each.certainty in TAGS for each in version.written.basis]
    text, count = marked_text(version.text, by="演示", on=dt.date(2025, 6, 1))

    marked = parse_version(text, catalogue(), "marked")

    assert (len(unverified(version)), count) == (sum(tags), sum(tags))
    assert unverified(marked) == []
    assert marked.results_fingerprint == version.results_fingerprint


@each_version
def test_each_fact_is_missing_once(name: tuple[str, int]) -> None:
    """Nobody can forget what an unknown fact does; days that only anchor a question are not asked for their value."""
    version = versions()[name]
    terms = version.written.terms
    days = {terms.version_by, terms.backdate.from_ if terms.backdate else None} - {None}
    erased = {
        attribute.code
        for example in version.written.examples
        for word, value in example.facts.items()
        if value is None and (attribute := catalogue().attribute_named(word)) is not None
    }
    anchors = {each.code for each in catalogue().attributes.values() if days & {each.code, each.label}}

    assert version.attributes - anchors - erased == frozenset()


@each_version
def test_basis_gives_certainty_and_source(name: tuple[str, int]) -> None:
    """What was found names where; what was concluded or is only known says so."""
    basis = versions()[name].written.basis

    assert any(each.certainty == "S" for each in basis)
    assert [each.doc for each in basis if each.certainty == "S" and each.source is None] == []


@each_version
def test_unverified_amounts_say_so(name: tuple[str, int]) -> None:
    """An amount that was not found in a source is marked where people read it, and its basis has certainty K."""
    written = versions()[name].written
    is_marked = "unverified" in (written.summary or "")

    assert is_marked == (name in UNVERIFIED)
    assert not is_marked or any(each.certainty in {"K", "K-low"} for each in written.basis)


@each_version
def test_criteria_speak_to_officers_and_citizens(name: tuple[str, int]) -> None:
    """A criterion that somebody can do something about says what; the others say nothing."""
    for criterion in versions()[name].written.criteria:
        assert criterion.actionable == (criterion.remedy is not None), criterion.id


def test_no_fact_is_collected_that_no_rule_reads() -> None:
    """The smallest scope: an attribute that nothing reads is not drawn; plans count by industry."""
    read = {code for version in versions().values() for code in version.attributes}
    drawn = read | {code for each in read if (code := related_fact(each))}

    assert catalogue().attributes.keys() - drawn - {"industry_code"} == set()


def related_fact(code: str) -> str | None:
    """Return the fact of a related subject that an attribute is drawn from."""
    via = catalogue().attributes[code].via
    return via.attribute if via else None


def test_no_resource_is_shared_that_nothing_is_drawn_from() -> None:
    """A department is asked for no table in vain: facts, relations, names and accounts are what one is for."""
    drawn = {source.resource for each in catalogue().attributes.values() for source in each.sources}
    related = {each.resource for each in catalogue().relations.values()}
    personal = {
        name
        for name, each in catalogue().resources.items()
        if any(column.role in {Role.FORMER, Role.ACCOUNT} for column in each.columns)
    }

    assert catalogue().resources.keys() - drawn - related - personal == set()


RESIDENT: dict[str, Value] = {"hukou_region": "310118", "deceased": False}
CARD_HOLDER: dict[str, Value] = {
    **RESIDENT,
    "disability_card_valid": True,
    "disability_card_stopped": False,
    "tekun": False,
    "work_injury_nursing_fee": False,
    "orphan": False,
    "in_prison": False,
    "veteran_card_valid": False,
    "dibao": True,
    "dibao_edge": False,
    "heavy_disabled_jobless": False,
    "birth_date": dt.date(1980, 1, 1),
}
EMPLOYER: dict[str, Value] = {
    "register_region": "310118",
    "register_state": "存续",
    "unemployment_insured": True,
    "insured_full_year": True,
    "serious_dishonesty": False,
    "abnormal_operation": False,
    "labour_dispatch": False,
    "size_class": "小型",
    "unemployment_premium": 1_800_000,
}
MENTAL_LEVEL_3: dict[str, Value] = {**CARD_HOLDER, "disability_level": 3, "disability_category": "智力"}
TWO_IDENTITIES: dict[str, Value] = {
    "household_region": "371002",
    "household_settlement": "城镇",
    "household_dibao": True,
    "household_tekun": False,
    "poverty_exit_household": True,
    "heating_paid": 0,
}
BORN_2023_05: dict[str, Value] = {
    **RESIDENT,
    "birth_date": dt.date(2023, 5, 18),
    "birth_year": 2023,
    "birth_month": 5,
}


def headcounts(base: int, december: int, attrition: int) -> dict[str, Value]:
    return {
        **EMPLOYER,
        "insured_count_base_december": base,
        "insured_count_first_month": base,
        "insured_count_december": december,
        "natural_attrition_count": attrition,
    }


def spending(declared: float, audited: float, accepted: float) -> dict[str, Value]:
    """Return an enterprise of Shenzhen with research spending in million yuan."""
    fen = 100_000_000
    return {
        **EMPLOYER,
        "register_region": "440305",
        "rnd_declared": int(declared * fen),
        "rnd_audited": int(audited * fen),
        "rnd_accepted": int(accepted * fen),
    }


def prices(standard: int, scpi: int, cpi: int = 36) -> dict[str, Value]:
    """Return somebody on 低保 in a month with these indices, in tenths of a percent."""
    return {
        "hukou_region": "450305" if scpi else "321002",
        "settlement": "城镇",
        "dibao_standard_urban_here": standard * 100,
        "cpi_here": cpi,
        "food_cpi_here": 10,
        "scpi_here": scpi,
        "child_support_kind": "无",
        "preferential": False,
        "unemployment_insurance_benefit": False,
    }


def lent(day: str, principal: int) -> dict[str, Value]:
    """Return a loan for a year to a restaurant of Qingpu; the principal in million yuan."""
    on = dt.date.fromisoformat(day)
    return {
        "borrower_region": "310118",
        "borrower_state": "存续",
        "borrower_industry": "H6210",
        "loan_signed_on": on,
        "loan_drawn_on": on,
        "loan_principal": principal * 100_000_000,
        "loan_days": 365,
        "loan_lender_listed": True,
        "loan_subsidised_elsewhere": False,
    }


@pytest.mark.parametrize(
    ("name", "facts", "day", "amount_fen"),
    [
        pytest.param(("old-age-allowance", 1), {"birth_date": "1961-11-30"}, "2026-10-31", None, id="1-before-65"),
        pytest.param(("old-age-allowance", 1), {"birth_date": "1961-11-30"}, "2026-11-01", 7_500, id="1-turns-65"),
        pytest.param(("old-age-allowance", 1), {"birth_date": "1956-12-09"}, "2026-12-01", 15_000, id="1-turns-70"),
        pytest.param(("old-age-allowance", 1), {"birth_date": "1926-11-03"}, "2026-11-01", 60_000, id="1-turns-100"),
        pytest.param(("disability-nursing-allowance", 1), MENTAL_LEVEL_3, "2025-06-30", 15_000, id="2-june-2025"),
        pytest.param(("disability-nursing-allowance", 2), MENTAL_LEVEL_3, "2025-07-01", 18_000, id="2-july-2025"),
        pytest.param(("disability-living-allowance", 2), {"tekun": False}, "2026-03-01", 45_000, id="3-before-tekun"),
        pytest.param(("disability-living-allowance", 2), {"tekun": True}, "2026-04-01", None, id="3-in-tekun"),
        pytest.param(("disability-living-allowance", 2), {"orphan": True}, "2026-03-01", None, id="3-orphan-no-living"),
        pytest.param(
            ("disability-nursing-allowance", 2),
            {**MENTAL_LEVEL_3, "orphan": True},
            "2026-03-01",
            18_000,
            id="3-orphan-yes-nursing",
        ),
        pytest.param(("disability-transport-allowance", 1), {}, "2026-05-20", 4_500, id="4-month-of-judgment"),
        pytest.param(("disability-transport-allowance", 1), {"in_prison": True}, "2026-06-01", None, id="4-in-prison"),
        pytest.param(
            ("disability-transport-allowance", 1), {"birth_date": "1961-08-20"}, "2026-07-31", 4_500, id="4-still-64"
        ),
        pytest.param(
            ("disability-transport-allowance", 1), {"birth_date": "1961-08-20"}, "2026-08-01", None, id="4-turns-65"
        ),
        pytest.param(
            ("disability-living-allowance", 2), {"disability_card_valid": False}, "2026-04-01", None, id="5-expired"
        ),
        pytest.param(("childcare-subsidy", 1), BORN_2023_05, "2025-12-31", 360_000, id="6-first-twelve-months"),
        pytest.param(("childcare-subsidy", 2), BORN_2023_05, "2026-12-31", 150_000, id="6-five-months-left"),
        pytest.param(("job-stabilisation-refund", 1), headcounts(28, 22, 1), "2024-06-30", 1_080_000, id="7-small"),
        pytest.param(("price-subsidy", 1), prices(1_595, 4), "2022-05-01", 1_000, id="11-floor"),
        pytest.param(("price-subsidy-yangzhou", 1), prices(900, 0, cpi=49), "2022-05-01", 7_500, id="11-a-twelfth"),
        pytest.param(("price-subsidy-yangzhou", 1), prices(900, 0, cpi=50), "2022-05-01", 11_250, id="11-an-eighth"),
        pytest.param(("heating-subsidy", 1), TWO_IDENTITIES, "2021-01-01", 60_000, id="12-paid-once"),
        pytest.param(
            ("heating-subsidy", 1), {**TWO_IDENTITIES, "heating_paid": 40_000}, "2021-01-01", 20_000, id="12-difference"
        ),
        pytest.param(("research-subsidy", 1), spending(12, 11, 10.5), "2019-06-01", 51_250_000, id="8-least-of-three"),
        pytest.param(("job-stabilisation-refund", 1), headcounts(31, 28, 0), "2024-06-30", None, id="7-over-limit"),
        pytest.param(("job-stabilisation-refund", 1), headcounts(200, 189, 0), "2024-06-30", 1_080_000, id="at-5.5%"),
        pytest.param(
            ("service-loan-interest-subsidy", 1), lent("2025-12-20", 3), "2025-12-20", 1_000_000, id="9-cap-of-2025"
        ),
        pytest.param(
            ("service-loan-interest-subsidy", 2), lent("2026-02-01", 12), "2026-02-01", 10_000_000, id="9-cap-of-2026"
        ),
    ],
)
def test_vectors(name: tuple[str, int], facts: dict[str, Value], day: str, amount_fen: int | None) -> None:
    """Cases worked out by hand from the sources, numbered: the amount, or None where nothing is due."""
    profile = {**CARD_HOLDER, **facts}
    if isinstance(profile["birth_date"], str):
        profile["birth_date"] = dt.date.fromisoformat(profile["birth_date"])
    closed = close_version(versions()[name])
    on = dt.date.fromisoformat(day)

    outcome = closed.outcome(profile, on)

    assert outcome is (amount_fen is not None)
    assert amount_fen is None or closed.amounts(profile, on) == {"main": (amount_fen, amount_fen)}


@pytest.mark.parametrize(("month", "yuan"), [(1, 3_900), (5, 5_100), (12, 7_200)])
def test_childcare_table(month: int, yuan: int) -> None:
    """The official table for births of 2023: twelve months in 2025, the rest in 2026 [S-24]."""
    born = dt.date(2023, month, 15)
    facts: dict[str, Value] = {**RESIDENT, "birth_date": born, "birth_year": 2023, "birth_month": month}
    both = [
        close_version(versions()["childcare-subsidy", number]).amounts(facts, dt.date(year, 12, 31))["main"]
        for number, year in ((1, 2025), (2, 2026))
    ]

    assert sum(at_least for at_least, _ in both) == yuan * 100


@pytest.mark.parametrize(
    ("version", "standard", "classified"), [(1, 1_330, 1_730), (2, 1_420, 1_850), (3, 1_510, 1_970), (4, 1_595, 2_075)]
)
def test_classified_standards_are_the_published_ones(version: int, standard: int, classified: int) -> None:
    """低保 times 1.3, rounded up, is the amount that the city published; what is paid on top is the difference."""
    name = ("dibao-classified-supplement", version)
    facts = {**CARD_HOLDER, "heavy_disabled_jobless": True, "enrolled": False}

    amounts = close_version(versions()[name]).amounts(facts, versions()[name].written.valid_from)

    assert amounts == {"main": ((classified - standard) * 100, (classified - standard) * 100)}


def test_patents_pay_nothing_after_their_end() -> None:
    """E09: the last version ends with 2024, and a repeal makes every day after it zero rather than unknown."""
    policy = "patent-grant-subsidy"
    ends = [version.written.valid_through for name, version in versions().items() if name[0] == policy]
    signed = dt.datetime(2025, 1, 10, tzinfo=dt.UTC)
    activations = [
        Activation(policy, 1, dt.date(2021, 7, 1), ends[0], signed - dt.timedelta(days=1200)),
        Activation(policy, None, dt.date(2025, 1, 1), None, signed),
    ]

    stands = standing(activations, DayRange(dt.date(2024, 12, 31), dt.date(2026, 12, 31)), known_at=signed)

    assert ends == [dt.date(2024, 12, 31)]
    assert [(stand.days.first, stand.state) for stand in stands] == [
        (dt.date(2024, 12, 31), StandState.IN_FORCE),
        (dt.date(2025, 1, 1), StandState.REPEALED),
    ]
