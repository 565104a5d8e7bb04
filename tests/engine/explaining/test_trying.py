"""A trial is the same examination with other facts: nothing replaced, nothing changed; and it never writes."""

from collections.abc import Iterator

import pytest

from engine.deployment import Deployment
from engine.explaining.examine import Viewpoint
from engine.explaining.explain import subject_named, viewpoint_on
from engine.explaining.trying import Trial, try_out
from tests.trial_world import trial_world


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with trial_world().open() as opened:
        yield opened


@pytest.fixture(scope="module")
def viewpoint(deployment: Deployment) -> Viewpoint:
    with deployment.store.reading() as rx:
        return viewpoint_on(rx, deployment, None)


@pytest.fixture(scope="module")
def subject_id(deployment: Deployment) -> str:
    with deployment.store.reading() as rx:
        return subject_named(rx, deployment, trial_world().plan.trial_accounts[0].number)[0]


def tried(viewpoint: Viewpoint, subject_id: str, **typed: str) -> Trial:
    return try_out(viewpoint, kind="enterprise", subject_id=subject_id, typed=typed)


def changed(trial: Trial) -> dict[str, tuple[str, str]]:
    return {each.after.policy: (each.before.outcome, each.after.outcome) for each in trial.tried if each.is_changed}


def test_nothing_typed_changes_nothing(viewpoint: Viewpoint, subject_id: str) -> None:
    """Empty fields, unknown codes and what is no value leave everything as it is; the last is named."""
    for typed in ({}, {"torch_statistics_filed": " "}, {"no_such_fact": "1"}, {"torch_statistics_filed": "也许"}):
        trial = tried(viewpoint, subject_id, **typed)

        assert changed(trial) == {}
        assert trial.replaced == {}
        assert set(trial.wrong) == {code for code, words in typed.items() if words == "也许"}


def test_every_figure_as_it_is_held_changes_nothing(viewpoint: Viewpoint, subject_id: str) -> None:
    """Typing in what is held already is no change, whatever the type."""
    held = {
        each.attribute.code: each.held.words
        for each in tried(viewpoint, subject_id).figures
        if each.held.is_known and each.attribute.type in {"bool", "integer", "decimal", "money", "text"}
    }
    trial = tried(viewpoint, subject_id, **held)

    assert trial.wrong == {}
    assert set(trial.replaced) == set(held)
    assert changed(trial) == {}


def test_one_step_taken_meets_the_one_policy(viewpoint: Viewpoint, subject_id: str) -> None:
    """What the own page calls one step away is met once that step is taken, and nothing else moves."""
    trial = tried(viewpoint, subject_id, torch_statistics_filed="是")

    assert changed(trial) == {"hightech-award": ("not_met", "met")}


def test_one_figure_may_move_several_policies(viewpoint: Viewpoint, subject_id: str) -> None:
    """Listed as abnormal, an enterprise loses everything that asks for that; what fails already fails by one more."""
    moved = changed(tried(viewpoint, subject_id, abnormal_operation="是"))

    assert moved["technology-centre-municipal"] == ("met", "not_met")
    assert moved["little-giant-award"] == ("not_met", "not_met")


def test_what_is_owed_can_be_supposed(viewpoint: Viewpoint, subject_id: str) -> None:
    """Supposing the fact that a department owes settles what is unknown."""
    (figure,) = [each for each in tried(viewpoint, subject_id).figures if not each.held.is_known and each.is_near]
    trial = tried(viewpoint, subject_id, **{figure.attribute.code: "合格"})

    assert changed(trial) == {"technology-centre-district": ("unknown", "met")}


def test_the_near_figures_are_those_that_something_waits_for(viewpoint: Viewpoint, subject_id: str) -> None:
    """The filed report is near; where the enterprise is registered, which holds everywhere, is not."""
    near = {each.attribute.code: each.is_near for each in tried(viewpoint, subject_id).figures}

    assert near["torch_statistics_filed"]
    assert not near["register_region"]
