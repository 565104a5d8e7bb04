from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
import sqlalchemy as sa

from core.ledger import GrantState, ItemKind, ItemState
from engine.deployment import Deployment
from engine.district.plan import TrialAccount
from engine.explaining import state_words
from engine.explaining.books import statement_of
from engine.explaining.checkup import Checkup, PageGroup, check_up, group_of
from engine.explaining.examination import Outcome
from engine.explaining.explain import subject_named, viewpoint_on
from engine.lifecycle.unplanned import Unplanned, publish_unplanned
from profiles.asking import FactState
from rules.standing import Activation
from rules.version import Lane
from store.tables import GrantRow, ItemRow, table_of
from tests.trial_world import LAST_NIGHT, trial_world

ACCOUNTS = trial_world().plan.trial_accounts
MUNICIPAL = "technology-centre-municipal"


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with trial_world().open() as opened:
        yield opened


def checkup_of(deployment: Deployment, account: TrialAccount) -> Checkup:
    """Check a trial enterprise up as the last night saw it."""
    with deployment.store.reading() as rx:
        subject_id, kind = subject_named(rx, deployment, account.number)
        return check_up(rx, viewpoint_on(rx, deployment, None), kind=kind, subject_id=subject_id)


@pytest.mark.parametrize("account", [pytest.param(each, id=each.login) for each in ACCOUNTS])
def test_a_statement_is_what_the_checkup_shows(deployment: Deployment, account: TrialAccount) -> None:
    """Payments read without any rule are those that stand beside the examinations."""
    checkup = checkup_of(deployment, account)
    with deployment.store.reading() as rx:
        statement = statement_of(rx, checkup.subject_id)

    assert statement == {each.policy: each.lines for each in checkup.policies if each.lines}


@pytest.mark.parametrize("account", [pytest.param(each, id=each.login) for each in ACCOUNTS])
def test_every_policy_stands_in_the_group_that_was_planned(deployment: Deployment, account: TrialAccount) -> None:
    """The district says beforehand where its trial enterprises have to find their policies."""
    checkup = checkup_of(deployment, account)

    assert {each.policy: each.group.value for each in checkup.policies if each.policy in account.groups} == (
        account.groups
    )


def test_the_groups_hold_every_policy_once_and_in_order(deployment: Deployment) -> None:
    """Nothing is left out of the page, nothing stands twice."""
    checkup = checkup_of(deployment, ACCOUNTS[0])

    assert [group.value for group in checkup.groups] == ["已享", "可享", "待确认", "差一步", "待核", "不适用"]
    grouped = [each.policy for members in checkup.groups.values() for each in members]
    assert sorted(grouped) == [each.policy for each in checkup.policies]


def test_what_was_paid_stands_beside_it(deployment: Deployment) -> None:
    """Upgraded: 500,000 as a municipal centre, then the difference as a national one."""
    checkup = checkup_of(deployment, ACCOUNTS[1])

    paid = {each.policy: each for each in checkup.policies if each.lines}
    assert {code: each.paid_fen for code, each in paid.items()} == {
        MUNICIPAL: 50_000_000,
        "technology-centre-national": 150_000_000,
    }
    (line,) = paid[MUNICIPAL].lines
    assert (line.period, line.state_words) == ("一次性", "已到账")
    assert line.pay_day is not None
    assert line.opened_on <= line.changed_on <= LAST_NIGHT
    assert paid[MUNICIPAL].waiting_fen == 0
    assert (paid[MUNICIPAL].grant_words, paid[MUNICIPAL].claimed_fen) == ("享受中", 0)
    assert paid[MUNICIPAL].discovered_on is not None


def test_a_policy_is_found_by_its_code(deployment: Deployment) -> None:
    """None for what is not this subject's: of another kind, or not there."""
    checkup = checkup_of(deployment, ACCOUNTS[0])

    found = checkup.policy("hightech-award")
    assert found is not None
    assert found.title == "高新技术企业认定奖励"
    assert checkup.policy("old-age-allowance") is None


def test_money_that_waits_is_told_apart_from_money_that_went_out(tmp_path: Path) -> None:
    """Returned by the bank: not paid, and waiting again; cancelled: neither."""
    with trial_world().open(tmp_path / "w") as own:
        item = table_of(ItemRow)
        for state, waiting_fen in ((ItemState.RETURNED, 50_000_000), (ItemState.CANCELLED, 0)):
            with own.store.writing() as tx:
                tx.connection.execute(sa.update(item).values(state=state))

            municipal = checkup_of(own, ACCOUNTS[0]).policy(MUNICIPAL)

            assert municipal is not None
            assert (municipal.paid_fen, municipal.waiting_fen) == (0, waiting_fen)


def test_a_repealed_policy_is_there_for_those_who_ever_had_it(tmp_path: Path) -> None:
    """No version stands: there is nothing to examine, and what was paid is still shown."""
    with trial_world().open(tmp_path / "w") as own:
        for policy in (MUNICIPAL, "hightech-award"):
            ends = Activation(policy, None, LAST_NIGHT, None, own.clock.now(), clears=True)
            publish_unplanned(own, [], [ends], Unplanned("officer", "second officer", "a test"))
        with own.store.writing() as tx:
            grant = table_of(GrantRow)
            tx.connection.execute(sa.update(grant).values(state=GrantState.ENDED))
        with own.store.reading() as rx:
            subject_id, kind = subject_named(rx, own, ACCOUNTS[0].number)
            checkup = check_up(rx, viewpoint_on(rx, own, LAST_NIGHT), kind=kind, subject_id=subject_id)

    municipal = checkup.policy(MUNICIPAL)
    assert municipal is not None
    assert municipal.examination is None
    assert (municipal.group, municipal.grant_words) == (PageGroup.NOT_APPLICABLE, "已终止")
    assert municipal.title == "上海市市级企业技术中心认定扶持"
    assert municipal.lines
    assert checkup.policy("hightech-award") is None


@pytest.mark.parametrize(
    ("outcome", "grant", "is_one_step_away", "group"),
    [
        ("met", GrantState.ACTIVE, False, "已享"),
        ("unknown", GrantState.ACTIVE, False, "已享"),  # on grace
        ("met", GrantState.CONFIRMED, False, "已享"),
        ("met", GrantState.OFFERED, False, "待确认"),
        ("met", GrantState.ASKED, False, "待确认"),
        ("met", GrantState.PROPOSED, False, "可享"),
        ("met", GrantState.WAIVED, False, "可享"),
        ("met", None, False, "可享"),
        ("unknown", GrantState.OFFERED, False, "待核"),  # nobody is asked to confirm what nobody knows
        ("unknown", None, False, "待核"),
        ("met", GrantState.HELD, False, "待核"),
        ("not_met", GrantState.ENDED, True, "差一步"),
        ("not_met", None, False, "不适用"),
        (None, GrantState.ENDED, False, "不适用"),
    ],
)
def test_groups(outcome: Outcome | None, grant: GrantState | None, group: str, *, is_one_step_away: bool) -> None:
    """By the outcome on the day and where the grant stands."""
    assert group_of(outcome, grant, is_one_step_away=is_one_step_away).value == group


def test_every_outcome_has_a_group() -> None:
    """Whatever is stored, the page has a place for it; what is not met is never called 可享."""
    outcomes: list[Outcome | None] = [*get_args(Outcome), None]
    for outcome, grant, away in product(outcomes, [*GrantState, None], [True, False]):
        group = group_of(outcome, grant, is_one_step_away=away)

        assert outcome == "met" or group not in {PageGroup.AVAILABLE, PageGroup.TO_CONFIRM}


def test_every_state_has_its_words() -> None:
    """A new state without words for people would break a page."""
    assert state_words.GRANT_WORDS.keys() == set(GrantState)
    assert state_words.ITEM_STATE_WORDS.keys() == set(ItemState)
    assert state_words.ITEM_KIND_WORDS.keys() == set(ItemKind)
    assert state_words.FACT_STATE_WORDS.keys() == set(FactState)
    assert state_words.LANE_WORDS.keys() == set(Lane)
    assert state_words.OUTCOME_WORDS.keys() == set(get_args(Outcome))
