"""Whatever somebody said under either of two ids counts once the two are one, and for each by itself while they are not."""

import datetime as dt
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.grant_steps import GRANT_STEPS
from core.ledger import Act, ActKind, GrantState
from core.loads import Merge
from engine.following import Former, followed
from engine.lanes.progress import Progress
from engine.night import BY

A = ActKind
S = GrantState
START = dt.datetime(2025, 9, 1, 2, tzinfo=dt.UTC)
OLD, NEW = "g_old", "g_new"
BY_NIGHTS = {A.OFFER, A.ASK, A.REMIND, A.DEEM, A.LAPSE, A.WITHDRAW, A.SUSPECT_RENUMBERING}
FORMERS = {OLD: Former("s_old", "", OLD), NEW: Former("s_new", "", OLD)}


def told(*said: tuple[str, ActKind], merged_after: int | None = None) -> tuple[Act, ...]:
    """Return acts under the grants that stand, one a day; two ids are one after so many, else after all of them."""
    at = START + dt.timedelta(days=len(said) if merged_after is None else merged_after, hours=-1)
    return followed(acts_of(said), FORMERS, [Merge("s_new", "s_old", at)])


def acts_of(said: Sequence[tuple[str, ActKind]]) -> list[Act]:
    """Return acts, one a day, as the store gives them: by grant, in the order in which they were recorded."""
    found = [
        Act(
            grant_id,
            kind,
            (START + dt.timedelta(days=place)).date(),
            START + dt.timedelta(days=place),
            BY if kind in BY_NIGHTS else "somebody",
            through=(START + dt.timedelta(days=place + 4)).date() if kind in {A.OFFER, A.ASK} else None,
        )
        for place, (grant_id, kind) in enumerate(said)
    ]
    return sorted(found, key=lambda act: act.grant_id)


def reached(acts: Sequence[Act], first: GrantState = S.OFFERED) -> GrantState:
    """Return how far the one grant has come."""
    progress = Progress(first)
    for act in acts:
        progress = progress.after(act, first)
    return progress.reached


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ([(OLD, A.OFFER), (NEW, A.OFFER), (NEW, A.CONFIRM)], S.CONFIRMED),
        ([(OLD, A.OFFER), (OLD, A.CONFIRM), (NEW, A.OFFER)], S.CONFIRMED),
        ([(OLD, A.OFFER), (OLD, A.LAPSE), (NEW, A.OFFER), (NEW, A.CONFIRM)], S.CONFIRMED),
        ([(OLD, A.OFFER), (OLD, A.DECLINE), (NEW, A.OFFER)], S.DECLINED),
        ([(NEW, A.OFFER), (NEW, A.DECLINE), (OLD, A.OFFER)], S.DECLINED),
        ([(OLD, A.DECLINE), (NEW, A.OFFER), (NEW, A.CONFIRM)], S.CONFIRMED),  # a later yes
        ([(OLD, A.DECLINE), (NEW, A.OFFER), (NEW, A.DEEM)], S.DECLINED),  # silence is no yes
        ([(NEW, A.OFFER), (NEW, A.CONFIRM), (OLD, A.OFFER), (OLD, A.WITHDRAW)], S.CONFIRMED),  # the old number vanished
        ([(OLD, A.OFFER), (NEW, A.DECLINE), (OLD, A.WITHDRAW)], S.DECLINED),
        ([(OLD, A.OFFER), (OLD, A.CONFIRM), (OLD, A.WITHDRAW), (NEW, A.OFFER)], S.OFFERED),  # began anew by itself
        ([(OLD, A.OFFER), (NEW, A.OFFER), (OLD, A.LAPSE)], S.OFFERED),  # what was promised last counts
        ([(OLD, A.CHECK), (NEW, A.CONFIRM), (NEW, A.STRIKE), (NEW, A.RESTORE)], S.OFFERED),
    ],
)
def test_what_is_reached_under_two_ids(said: list[tuple[str, ActKind]], state: GrantState) -> None:
    """Answers follow; what nights found of one number alone undoes nothing that was said under the other."""
    assert reached(told(*said)) is state


def test_what_happens_after_the_merge_concerns_both() -> None:
    """No longer met, the one subject begins anew, whichever id it confirmed under; asked again it may answer again."""
    said = [(NEW, A.OFFER), (NEW, A.CONFIRM), (OLD, A.WITHDRAW)]

    assert reached(told(*said, merged_after=2)) is S.OFFERED
    assert reached(told((NEW, A.DECLINE), (OLD, A.OFFER), merged_after=1)) is S.OFFERED


def test_a_suspicion_of_a_former_number_is_answered_by_its_merge() -> None:
    """It waits no longer; that the subject which stands may be a third one is another question."""
    assert told((NEW, A.SUSPECT_RENUMBERING)) == ()
    assert [act.kind for act in told((OLD, A.SUSPECT_RENUMBERING))] == [A.SUSPECT_RENUMBERING]


SAID = st.lists(st.tuples(st.sampled_from([OLD, NEW]), st.sampled_from(ActKind)), max_size=10)


@given(SAID)
def test_nothing_that_was_said_is_lost_or_counted_twice(said: list[tuple[str, ActKind]]) -> None:
    """Waivers, holds and their opposites follow once each, in order; the last answer of a person stands."""
    found = told(*said)
    whole = {A.WAIVE, A.REVOKE_WAIVER, A.HOLD, A.RELEASE}

    assert {act.grant_id for act in found} <= {OLD}
    assert [act.recorded_at for act in found] == sorted(act.recorded_at for act in found)
    assert [act.kind for act in found if act.kind in whole] == [kind for _, kind in said if kind in whole]
    answers = [kind for _, kind in said if kind in {A.CONFIRM, A.DECLINE}]
    if {kind for _, kind in said} <= {A.OFFER, A.CONFIRM, A.DECLINE, A.WAIVE, A.HOLD} and answers[-1:] == [A.DECLINE]:
        last = max(place for place, each in enumerate(said) if each[1] is A.DECLINE)
        again = any(each == (said[last][0], A.OFFER) for each in said[last:])
        assert (reached(found) is S.DECLINED) is not again


@given(SAID)
def test_each_keeps_its_own_words_without_the_merge(said: list[tuple[str, ActKind]]) -> None:
    """Nothing was rewritten: not merged, or as known before, every act is with the grant on which it was recorded."""
    acts = acts_of(said)

    assert followed(acts, {}, []) == tuple(acts)


@given(SAID, st.integers(0, 10))
def test_one_id_alone_is_as_it_always_was(said: list[tuple[str, ActKind]], merged_after: int) -> None:
    """A former id under which nothing was said changes nothing of how far a grant has come."""
    own = [(OLD, kind) for _, kind in said]

    assert reached(told(*own, merged_after=merged_after)) is reached(acts_of(own))
    assert {act.kind for act in told(*own)} >= {kind for _, kind in own} - GRANT_STEPS.keys()
