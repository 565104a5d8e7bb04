"""How far acts bring a grant, and which grants may be paid: the table of acts, whatever the order in which they come."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import civil_instant
from core.grant_steps import GRANT_STEPS, GRANT_TRANSITIONS, ONCE_ACTIVE
from core.ledger import Act, ActKind, GrantState
from engine.lanes.progress import Progress, first_state, may_be_paid, progress_by_grant
from rules.before_money import Step, steps_of
from rules.version import Lane, Publicity, WrittenVersion
from tests.rules.samples import version

DAY = dt.date(2025, 3, 3)
S, A = GrantState, ActKind

WAYS = [(lane, checked, public) for lane in Lane for checked in (None, "区残联") for public in (None, 5)]


def written(lane: Lane = Lane.AUTOMATIC, checked_by: str | None = None, public: int | None = None) -> WrittenVersion:
    """Return a version that asks for this before money."""
    base = version().written
    publicity = None if public is None else Publicity.model_construct(working_days=public)
    terms = base.terms.model_copy(update={"checked_by": checked_by, "publicity": publicity})
    return base.model_copy(update={"lane": lane, "terms": terms})


def came(how: WrittenVersion, *kinds: ActKind) -> GrantState:
    """Return how far a grant has come by some acts, one a day."""
    acts = [Act("g", kind, DAY + dt.timedelta(n), civil_instant(DAY), "x") for n, kind in enumerate(kinds)]
    return progress_by_grant(how, acts).get("g", Progress(first_state(how))).reached


@pytest.mark.parametrize(("lane", "checked", "public"), WAYS)
def test_nothing_is_paid_before_every_step_that_the_rule_asks_for(
    lane: Lane, checked: str | None, public: int | None
) -> None:
    """Each step alone does not do; all of them, in order, do, but for what is never paid here."""
    how = written(lane, checked, public)
    steps = {
        Step.ANSWER: [A.CONFIRM],
        Step.CHECK: [A.CHECK],
        Step.PUBLICITY: [A.PUBLICISE, A.CLEAR],
    }
    every = [kind for step in steps_of(how) for kind in steps[step]]

    assert may_be_paid(how, came(how, *every)) == (lane is not Lane.INFORM)
    assert not any(may_be_paid(how, came(how, *every[:count])) for count in range(len(every)))


@pytest.mark.parametrize(
    ("kinds", "reached"),
    [
        ((A.OFFER, A.CONFIRM), S.CONFIRMED),
        ((A.OFFER, A.DECLINE), S.DECLINED),
        ((A.OFFER, A.DECLINE, A.CONFIRM), S.DECLINED),  # it has to be offered again first
        ((A.OFFER, A.DECLINE, A.OFFER, A.CONFIRM), S.CONFIRMED),
        ((A.OFFER, A.LAPSE, A.OFFER), S.OFFERED),
        ((A.OFFER, A.CONFIRM, A.WITHDRAW), S.OFFERED),  # anew
        ((A.CONFIRM, A.CHECK, A.STRIKE), S.WITHDRAWN),
        ((A.CONFIRM, A.CHECK, A.STRIKE, A.CHECK), S.WITHDRAWN),
        ((A.CONFIRM, A.STRIKE, A.RESTORE), S.OFFERED),
        ((A.CONFIRM, A.CHECK, A.PUBLICISE, A.OBJECT, A.CLEAR), S.OBJECTED),
        ((A.CONFIRM, A.CHECK, A.PUBLICISE, A.OBJECT, A.DISMISS, A.CLEAR), S.ACTIVE),
        ((A.CONFIRM, A.CHECK, A.PUBLICISE, A.OBJECT, A.UPHOLD, A.CLEAR), S.WITHDRAWN),
        ((A.WAIVE, A.CONFIRM, A.REVOKE_WAIVER), S.CONFIRMED),
    ],
)
def test_where_acts_lead(kinds: tuple[ActKind, ...], reached: GrantState) -> None:
    """`delivery` §10.3, step by step, in lane confirm with a department and publicity."""
    assert came(written(Lane.CONFIRM, "区残联", 5), *kinds) is reached


@given(st.lists(st.sampled_from(ActKind), max_size=12), st.sampled_from(WAYS))
def test_only_a_yes_pays_in_the_lane_confirm_and_no_decision_is_passed_over(
    kinds: list[ActKind], way: tuple[Lane, str | None, int | None]
) -> None:
    """L1, L3: whatever happens in whatever order, nobody is paid without a yes where one is asked for, nor after a no."""
    how = written(*way)
    reached = came(how, *kinds)

    if may_be_paid(how, reached):
        assert Step.ANSWER not in steps_of(how) or {A.CONFIRM, A.ANSWER, A.DEEM} & set(kinds)
        assert Step.CHECK not in steps_of(how) or A.CHECK in kinds
        assert Step.PUBLICITY not in steps_of(how) or A.CLEAR in kinds
        assert reached not in {S.DECLINED, S.WITHDRAWN, S.OBJECTED}


def test_every_act_goes_where_the_table_of_states_lets_it() -> None:
    """The two tables agree; where an act leads to active, it is the night that goes there."""
    steps = {
        (before, after) for leads in GRANT_STEPS.values() for before, after in leads.items() if before is not after
    }

    assert set(GRANT_TRANSITIONS) == set(GrantState)
    assert [pair for pair in steps if pair[1] not in GRANT_TRANSITIONS[pair[0]]] == []
    assert all(after <= ONCE_ACTIVE for state, after in GRANT_TRANSITIONS.items() if state in ONCE_ACTIVE)
    beside = {A.SUSPECT_RENUMBERING, A.CONFIRM_IDENTITY, A.HOLD, A.RELEASE}  # they move no grant by themselves
    assert GRANT_STEPS.keys() == set(ActKind) - beside
