"""From a plan into force: what is signed is what is published, and nothing that has moved in between is."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import MianshenError, RefusedError, RuleError
from core.findings import Code
from engine.lifecycle.codes import LifecycleCode
from engine.lifecycle.lifecycle import apply_plan, approve, close, refuse_other, submit_plan, waiting_for
from engine.lifecycle.unplanned import Unplanned, plan_without_effect
from engine.planning.plan_file import PlanFile
from rules.codes import RuleCode
from rules.reading import parse_version
from rules.standing import Activation
from store.activations import activations_known_at, published_versions
from store.codes import StoreCode
from store.proposals import Proposal, proposed_activations, revisions
from store.states.rules import VersionState
from tests.world import POLICY, World, day

HOW = Unplanned("author", "second", "a test")
CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world where version 1 stands, and version 2 is a file."""
    made = World.at(tmp_path)
    made.people("ab")
    made.rule(on="2025-01-10")
    _file(made).write_text(made.published_text().replace("version: 1", "version: 2").replace("150", "180"), "utf-8")
    yield made
    made.store.close()


def _file(world: World) -> Path:
    return world.root / "policies" / "care.yaml"


def _plan(world: World, *, stands_from: str = "2025-02-01") -> PlanFile:
    version = parse_version(_file(world).read_text("utf-8"), world.deployment.catalogue, "policies/care.yaml")
    activation = Activation(POLICY, version.version, day(stands_from), None, world.clock.instant)
    return plan_without_effect(world.deployment, [version], [activation], HOW)


def _approved(world: World, plan: PlanFile) -> Proposal:
    return approve(world.deployment, submit_plan(world.deployment, plan, by="clerk"), by="second")


@contextmanager
def refused(code: Code, kind: type[MianshenError] = RefusedError) -> Iterator[list[str]]:
    """Expect a refusal whose findings all have one code; afterwards the list holds what they say."""
    said = list[str]()
    with pytest.raises(kind) as caught:
        yield said
    assert {each.code for each in caught.value.findings} == {code}
    said += [each.message for each in caught.value.findings]


def test_what_was_signed_is_what_stands(world: World) -> None:
    """The text, the days, and the fingerprint that the second officer saw."""
    plan = _plan(world)
    signed = _approved(world, plan)

    published = apply_plan(world.deployment, plan, by="operator")

    assert (signed.fingerprint, signed.approved_by) == (plan.digest, "second")
    assert published.state is VersionState.PUBLISHED
    with world.store.reading() as rx:
        kept = {each.version: each.text for each in published_versions(rx)}
        assert kept[2] == _file(world).read_text("utf-8")
        assert [each.version for each in activations_known_at(rx, rx.now)] == [1, 2]


def test_a_plan_that_nobody_approved(world: World) -> None:
    """Neither one that was never submitted nor one that still waits nor one that came back is published."""
    plan = _plan(world)
    with refused(LifecycleCode.NOT_APPROVED) as said:
        apply_plan(world.deployment, plan, by="operator")
    assert said == ["this plan was never submitted, or came back"]

    waiting = submit_plan(world.deployment, plan, by="clerk")
    with refused(LifecycleCode.NOT_APPROVED) as said:
        apply_plan(world.deployment, plan, by="operator")
    assert said == ["this plan waits for its approval"]

    close(world.deployment, waiting, VersionState.RETURNED, by="second", reason="too much")
    with refused(LifecycleCode.NOT_APPROVED) as said:
        apply_plan(world.deployment, plan, by="operator")
    assert said == ["this plan was never submitted, or came back"]


@pytest.mark.parametrize("who", ["author", "clerk"])
def test_an_approver_who_is_the_author(world: World, who: str) -> None:
    """Neither the author nor who handed it in signs."""
    waiting = submit_plan(world.deployment, _plan(world), by="clerk")

    with refused(StoreCode.OWN_APPROVAL) as said:
        approve(world.deployment, waiting, by=who)
    assert said == [f"`{who}` wrote or submitted it, and nobody approves their own work"]


def test_published_twice(world: World) -> None:
    """The second time says that it is done, not that what it published has moved."""
    plan = _plan(world)
    _approved(world, plan)
    apply_plan(world.deployment, plan, by="operator")

    with refused(StoreCode.WRONG_STATE) as said:
        apply_plan(world.deployment, plan, by="operator")
    assert said == ["the proposal is `published` already"]


def _deliver(world: World) -> None:
    world.deliver("cards", [{"who": "a", **CARD}], on="2025-01-10")


def _run(world: World) -> None:
    world.night("2025-01-10")


def _publish_another(world: World) -> None:
    world.rule(policy="other", on="2025-01-10")


def _edit(world: World) -> None:
    _file(world).write_text(_file(world).read_text("utf-8").replace("180", "181"), "utf-8")


def _sleep(world: World) -> None:
    world.clock.instant += dt.timedelta(days=1)


def _change_the_catalogue(world: World) -> None:
    path = world.root / "catalogue" / "attributes" / "person.yaml"
    path.write_text(path.read_text("utf-8").replace("when_absent: 0", "when_absent: 9"), "utf-8")
    world.deployment = replace(world.deployment)  # as a new process reads it


@pytest.mark.parametrize(
    ("move", "said"),
    [
        pytest.param(_deliver, ["the data of `cards` has moved since the plan was made"], id="snapshots"),
        pytest.param(_run, ["the last published night has moved since the plan was made"], id="night"),
        pytest.param(
            _publish_another,
            [
                "version 1 of `other` has moved since the plan was made",
                "which versions of `other` stand has moved since the plan was made",
            ],
            id="published-state",
        ),
        pytest.param(_edit, ["the file of version 2 of `care` has moved since the plan was made"], id="rule"),
        pytest.param(_sleep, ["the plan was made on 2025-01-10, and today is 2025-01-11"], id="day"),
        pytest.param(_change_the_catalogue, ["the catalogue has moved since the plan was made"], id="catalogue"),
    ],
)
def test_what_moved_is_named(world: World, move: Callable[[World], None], said: list[str]) -> None:
    """Nothing is submitted, approved or published on what is no longer so; each refusal says what it is."""
    plan = _plan(world)
    _approved(world, plan)
    move(world)

    with refused(LifecycleCode.MOVED) as told:
        apply_plan(world.deployment, plan, by="operator")

    assert sorted(told) == said
    with world.store.reading() as rx:
        assert [each.version for each in published_versions(rx, POLICY)] == [1]


def test_another_engine(world: World) -> None:
    """An effect that another engine worked out is not signed."""
    plan = _plan(world)
    older = plan.model_copy(update={"depends_on": plan.depends_on | {"engine": "0.0.1 of yesterday"}})

    with refused(LifecycleCode.MOVED) as said:
        submit_plan(world.deployment, older, by="clerk")
    assert said == ["the engine has moved since the plan was made"]


def test_what_moved_after_submitting_is_not_approved(world: World) -> None:
    """The second officer never signs an effect that is no longer the one shown."""
    waiting = submit_plan(world.deployment, _plan(world), by="clerk")
    _deliver(world)

    with refused(LifecycleCode.MOVED):
        approve(world.deployment, waiting, by="second")


def test_a_figure_that_nobody_verified(world: World) -> None:
    """What is only known is an example; with who, when and against what beside it, it may be published."""
    text = _file(world).read_text("utf-8").replace("certainty: S", "certainty: K-low")
    _file(world).write_text(text, "utf-8")
    plan = _plan(world)
    with refused(RuleCode.UNVERIFIED, RuleError) as said:
        submit_plan(world.deployment, plan, by="clerk")
    assert said == ["the basis `测试` is tagged K-low: nobody has verified it"]

    verified = "certainty: K-low, verified: {by: 王某, on: 2025-01-09, against: 原文}"
    _file(world).write_text(text.replace("certainty: K-low", verified), "utf-8")
    assert submit_plan(world.deployment, _plan(world), by="clerk").state is VersionState.SUBMITTED


def test_an_example_that_fails(world: World) -> None:
    """Checks and examples pass before anybody else is asked to look."""
    _file(world).write_text(_file(world).read_text("utf-8").replace("outcome: met", "outcome: not_met"), "utf-8")

    plan = _plan(world)

    with refused(RuleCode.WRONG_OUTCOME, RuleError):
        submit_plan(world.deployment, plan, by="clerk")


def test_what_came_back_is_revised(world: World) -> None:
    """The next revision is a draft again, and goes all the way."""
    waiting = submit_plan(world.deployment, _plan(world), by="clerk")
    close(world.deployment, waiting, VersionState.RETURNED, by="second", reason="181 by the text")
    _edit(world)
    plan = _plan(world)
    _approved(world, plan)
    apply_plan(world.deployment, plan, by="operator")

    with world.store.reading() as rx:
        own = [(each.version, each.revision, each.state.value) for each in revisions(rx, POLICY)]
    assert own == [(1, 1, "published"), (2, 1, "returned"), (2, 2, "published")]


@pytest.mark.parametrize(
    ("stands_from", "declared"),
    [
        pytest.param("2025-01-09", "2025-01-09", id="the-day-before"),
        pytest.param("2025-01-10", None, id="today"),
        pytest.param("2025-01-11", None, id="tomorrow"),
    ],
)
def test_what_reaches_back_says_how_far(world: World, stands_from: str, declared: str | None) -> None:
    """A beginning before the day of planning is declared with what is signed."""
    waiting = submit_plan(world.deployment, _plan(world, stands_from=stands_from), by="clerk")

    with world.store.reading() as rx:
        ((_, activation),) = proposed_activations(rx, waiting.proposal_id)
    assert activation.reaches_back_to == (day(declared) if declared else None)


def test_who_is_asked_for(world: World) -> None:
    """A proposal is found by its policy, and by its version where it has one."""
    waiting = submit_plan(world.deployment, _plan(world), by="clerk")

    with world.store.reading() as rx:
        assert waiting_for(rx, POLICY) == waiting_for(rx, POLICY, 2) == waiting
        with refused(LifecycleCode.NOTHING_WAITS) as said:
            waiting_for(rx, POLICY, 1)
        assert said == ["version 1 does not wait for anybody"]
        with refused(LifecycleCode.NOTHING_WAITS) as said:
            waiting_for(rx, "crae")
        assert said == ["no proposal about `crae` waits for anybody"]


def test_a_rollback_is_asked_for_by_its_version(world: World) -> None:
    """It carries no version, and waits under the one that it lets stand again; a repeal under none."""
    again = Activation(POLICY, 1, day("2025-03-01"), None, world.clock.instant, clears=True)
    waiting = submit_plan(world.deployment, plan_without_effect(world.deployment, [], [again], HOW), by="clerk")

    with world.store.reading() as rx:
        assert waiting_for(rx, POLICY, 1) == waiting
        with refused(LifecycleCode.NOTHING_WAITS):
            waiting_for(rx, POLICY, 2)


def test_what_somebody_means_to_sign(world: World) -> None:
    """The beginning of a fingerprint will do, as long as it is that of the plan that waits."""
    waiting = submit_plan(world.deployment, _plan(world), by="clerk")
    refuse_other(waiting, waiting.fingerprint[:8])

    with refused(LifecycleCode.OTHER_FINGERPRINT):
        refuse_other(waiting, "0000")


def test_no_reason(world: World) -> None:
    """Nobody is sent back without being told why."""
    waiting = submit_plan(world.deployment, _plan(world), by="clerk")

    with refused(LifecycleCode.NO_REASON):
        close(world.deployment, waiting, VersionState.RETURNED, by="second", reason=" ")


def test_days_in_the_wrong_order(world: World) -> None:
    """A window that ends before it begins is refused before anybody signs it."""
    plan = _plan(world)
    (activation,) = plan.activations
    crossed = activation.model_copy(update={"valid_through": activation.valid_from - dt.timedelta(days=1)})
    wrong = plan.model_copy(update={"activations": (crossed,)})

    with refused(RuleCode.DAYS_ORDER, RuleError) as said:
        submit_plan(world.deployment, wrong, by="clerk")
    assert said == ["the last day 2025-01-31 lies before the first, 2025-02-01"]


def test_two_that_begin_on_one_day(world: World) -> None:
    """Of one instant and one day, neither beats the other."""
    plan = _plan(world)
    twice = plan.model_copy(update={"activations": plan.activations * 2})

    with refused(RuleCode.DAYS_ORDER, RuleError) as said:
        submit_plan(world.deployment, twice, by="clerk")
    assert said == ["two activations begin on 2025-02-01, and neither would beat the other"]


def test_a_version_that_is_nowhere(world: World) -> None:
    """Only what is published, or is in the plan, can stand."""
    without = _plan(world).model_copy(update={"versions": ()})

    with refused(RuleCode.UNKNOWN_VERSION, RuleError) as said:
        submit_plan(world.deployment, without, by="clerk")
    assert said == ["version 2 is neither published nor in the plan"]
