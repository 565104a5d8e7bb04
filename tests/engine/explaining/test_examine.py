import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from engine.deployment import Deployment
from engine.explaining.examination import Examination, Profile
from engine.explaining.examine import Viewpoint, examine
from engine.explaining.explain import subject_named, viewpoint_on
from profiles.asking import Fact, FactState
from tests.trial_world import LAST_NIGHT, trial_world


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with trial_world().open() as opened:
        yield opened


@pytest.fixture(scope="module")
def viewpoint(deployment: Deployment) -> Viewpoint:
    with deployment.store.reading() as rx:
        return viewpoint_on(rx, deployment, None)


@pytest.fixture(scope="module")
def facts(deployment: Deployment, viewpoint: Viewpoint) -> Profile:
    """Return what is known of the enterprise whose page shows every group."""
    number = trial_world().plan.trial_accounts[0].number
    with deployment.store.reading() as rx:
        subject_id, kind = subject_named(rx, deployment, number)
    return viewpoint.profile_of(kind, subject_id)


def seen(viewpoint: Viewpoint, policy: str, facts: Profile) -> Examination:
    """Examine one policy."""
    return examine(viewpoint, next(each for each in viewpoint.policies if each.policy == policy), facts)


def with_value(facts: Profile, code: str, value: object, state: FactState = FactState.KNOWN) -> Profile:
    """Return the facts with another value for one of them."""
    return Profile(facts.catalogue, {**facts.facts, code: replace(facts.facts[code], value=value, state=state)})


def test_it_names_the_version_that_stands(viewpoint: Viewpoint, facts: Profile) -> None:
    """With its owner, its basis, its lane and the period that holds the day."""
    refund = seen(viewpoint, "job-stabilisation-refund", facts)

    assert (refund.version, refund.owner, refund.lane, refund.benefit) == (
        2,
        "区人力资源社会保障局",
        "confirm",
        "cash",
    )
    assert (refund.day, refund.period) == (LAST_NIGHT, "2025")
    assert refund.basis[0].doc


def test_what_fails_comes_first_then_what_is_open(viewpoint: Viewpoint, facts: Profile) -> None:
    """Those not met, those unknown, those met; within each, in the order written."""
    changed = with_value(facts, "abnormal_operation", value=True)
    changed = with_value(changed, "register_region", None, FactState.STALE)

    results = [each.result for each in seen(viewpoint, "job-stabilisation-refund", changed).criteria]

    assert results == [False, None, True, True, True, True, True]


def test_a_fact_says_who_told_it_and_for_which_day(viewpoint: Viewpoint, facts: Profile) -> None:
    """The resource's label, the department, the data date; the value as people read it, with its unit."""
    refund = seen(viewpoint, "job-stabilisation-refund", facts)

    (premium,) = [each for each in refund.facts if each.code == "unemployment_premium"]
    assert (premium.label, premium.words, premium.unit) == ("实缴失业保险费", "18,000.00", "元")
    assert (premium.owner, premium.data_date) == ("区人力资源社会保障局", dt.date(2025, 4, 30))
    assert premium.source
    assert premium.is_known
    (region,) = [each for each in refund.facts if each.code == "register_region"]
    assert region.words.startswith("青浦区")


def test_absence_is_said_to_be_absence(viewpoint: Viewpoint, facts: Profile) -> None:
    """否 because no row stands in a complete register is not 否 that a department wrote."""
    hightech = seen(viewpoint, "hightech-award", facts)

    (filed,) = hightech.failing[0].facts
    assert (filed.words, filed.state) == ("否", FactState.ABSENT)


def test_a_missing_fact_names_the_department_that_owes_it(viewpoint: Viewpoint, facts: Profile) -> None:
    """Unknown, never not met."""
    centre = seen(viewpoint, "technology-centre-district", facts)

    assert centre.outcome == "unknown"
    assert [(each.label, each.owner, each.words, each.unit) for each in centre.missing] == [
        ("区级技术中心评价", "市经济和信息化委员会", "未知", "")
    ]
    assert [each.id for each in centre.unknown] == ["evaluated"]
    assert centre.unknown[0].missing == centre.missing


def test_a_fact_that_no_resource_told_still_has_an_owner(viewpoint: Viewpoint, facts: Profile) -> None:
    """Before the first load the department of the declared source owes it."""
    never = Profile(facts.catalogue, {**facts.facts, "size_class": Fact(None, FactState.NEVER)})

    refund = seen(viewpoint, "job-stabilisation-refund", never)

    (size,) = refund.missing
    assert (size.source, size.owner, size.data_date) == ("", "区市场监管局", None)
    assert (refund.outcome, refund.amount) == ("met", (0, None)), "entitled for certain, to an amount still open"


def test_an_amount_without_a_tariff_line_is_open(viewpoint: Viewpoint, facts: Profile) -> None:
    """No tariff for a case is unknown, not zero."""
    odd = with_value(facts, "hightech_kind", "无")

    assert seen(viewpoint, "hightech-award", odd).amount == (0, None)


def test_what_pays_nothing_has_no_amount(viewpoint: Viewpoint, facts: Profile) -> None:
    """A reduction by the tax office is not paid here."""
    assert seen(viewpoint, "disabled-levy-exemption", facts).amount is None


def test_facts_of_the_amount_are_among_the_facts(viewpoint: Viewpoint, facts: Profile) -> None:
    """Each fact stands once, also where a criterion and the amount both read it."""
    refund = seen(viewpoint, "job-stabilisation-refund", facts)

    codes = [each.code for each in refund.facts]
    assert {"size_class", "unemployment_premium"} <= set(codes)
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("changes", "is_near_miss", "is_one_step_away", "is_in_own_hands"),
    [
        pytest.param({}, False, False, False, id="met"),
        pytest.param({"abnormal_operation": True}, True, True, True, id="one-that-can-be-mended"),
        pytest.param({"register_state": "注销"}, True, False, False, id="one-that-cannot"),
        pytest.param(
            {"abnormal_operation": True, "serious_dishonesty": True}, False, False, True, id="two-that-can-be-mended"
        ),
        pytest.param({"abnormal_operation": True, "register_state": "注销"}, False, False, False, id="one-of-each"),
        pytest.param(
            {"abnormal_operation": True, "register_region": None}, False, False, True, id="one-and-one-unknown"
        ),
    ],
)
def test_one_step(
    viewpoint: Viewpoint,
    facts: Profile,
    changes: Mapping[str, object],
    *,
    is_near_miss: bool,
    is_one_step_away: bool,
    is_in_own_hands: bool,
) -> None:
    """差一步: exactly one criterion not met, none unknown, and something can be done: nobody is told to move house."""
    changed = facts
    for code, value in changes.items():
        changed = with_value(changed, code, value)

    refund = seen(viewpoint, "job-stabilisation-refund", changed)

    assert (refund.is_near_miss, refund.is_one_step_away, refund.is_in_own_hands) == (
        is_near_miss,
        is_one_step_away,
        is_in_own_hands,
    )


def test_a_distance_is_said_of_what_fails_only(viewpoint: Viewpoint, facts: Profile) -> None:
    """One violation too many; nothing of criteria that hold."""
    changed = with_value(facts, "major_violation_count", 1)

    hightech = seen(viewpoint, "hightech-award", changed)

    distances = {each.id: each.distances for each in hightech.criteria if each.distances}
    assert list(distances) == ["no_violation"]
    assert distances["no_violation"][0].gap == "超出1次"
