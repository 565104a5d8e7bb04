"""Errands carried out: what commands do comes of them, what goes wrong is told, and what is killed is broken off."""

import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.roles import Role
from core.settings import Access
from engine.claims import holder_name, is_dead
from engine.codes import RunCode
from engine.deployment import Deployment, deployed
from engine.errands import runner
from engine.errands.runner import errands_beside, take_and_carry_out, work
from engine.night import JOB
from engine.planning.asked import AskedPlan, Way, change_asked
from engine.planning.change import ProposedDays
from engine.planning.kept import kept_plan
from store.access_codes import AccessCode
from store.activations import published_versions
from store.audit_chain import JSON
from store.errands import Errand, ask_errand, errand_of, take_errand
from store.roles import Post, grant_role
from store.runs import run_of
from store.states.errands import ErrandKind, ErrandState
from store.states.nights import RunState
from tests.engine.overpayments.stage import card
from tests.world import POLICY, World, day


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a workspace in which a rule pays for a card, before its first night."""
    made = World.at(tmp_path / "w")
    made.people("abc")
    made.deliver("cards", [card(who) for who in "ab"], on="2025-01-02")
    made.rule(on="2025-01-03")
    made.on("2025-01-31")
    yield made
    made.store.close()


def asked(deployment: Deployment, kind: ErrandKind, wanted: Mapping[str, JSON], by: str = "li") -> Errand:
    with deployment.store.writing() as tx:
        return ask_errand(tx, kind, wanted, by=by, is_dead=is_dead)


def carried_out(deployment: Deployment, kind: ErrandKind, wanted: Mapping[str, JSON], by: str = "li") -> Errand:
    """Ask for something, have it carried out, and return it as it is then."""
    errand = asked(deployment, kind, wanted, by)
    assert take_and_carry_out(deployment) is not None
    return now(deployment, errand)


def now(deployment: Deployment, errand: Errand) -> Errand:
    with deployment.store.reading() as rx:
        found = errand_of(rx, errand.errand_id)
    assert found is not None
    return found


def required(deployment: Deployment) -> Deployment:
    """Return the same workspace where roles are required."""
    settings = deployment.workspace.settings.model_copy(update={"access": Access(roles="required")})
    return replace(deployment, workspace=replace(deployment.workspace, settings=settings))


def codes(errand: Errand) -> list[str]:
    findings = (errand.result or {})["findings"]
    assert isinstance(findings, list)
    return [str(each["code"]) for each in findings if isinstance(each, dict)]


def test_a_night_is_run_as_by_its_command(world: World) -> None:
    """It is published; asked for again it is refused, and its findings say that it was."""
    wanted: dict[str, JSON] = {"date": "2025-01-31", "accepted": []}
    done = carried_out(world.deployment, ErrandKind.NIGHT, wanted)

    assert done.state is ErrandState.DONE
    assert (done.result or {})["state"] == "published"
    with world.store.reading() as rx:
        run = run_of(rx, JOB, day("2025-01-31"))
    assert run is not None
    assert run.state is RunState.PUBLISHED

    again = carried_out(world.deployment, ErrandKind.NIGHT, wanted)
    assert again.state is ErrandState.FAILED
    assert codes(again)


def test_a_night_beyond_its_guard_stops_and_goes_on_once_it_is_let(tmp_path: Path) -> None:
    """What was stopped is not published; accepted by the operator it is."""
    world = World.at(tmp_path / "w")
    world.people("ab")
    world.deliver("cards", [card(who) for who in "ab"], on="2025-01-02")
    world.rule(on="2025-01-03", guard="{count: [5, 9]}")
    world.on("2025-01-31")

    stopped = carried_out(world.deployment, ErrandKind.NIGHT, {"date": "2025-01-31", "accepted": []})
    assert (stopped.result or {})["state"] == "stopped"
    assert codes(stopped) == [RunCode.GUARD_COUNT]
    let = carried_out(world.deployment, ErrandKind.NIGHT, {"date": "2025-01-31", "accepted": [POLICY]})
    assert (let.result or {})["state"] == "published"
    world.store.close()


def test_who_may_not_run_a_night_has_none_run(world: World) -> None:
    """Whatever was asked for, the role is asked for again by the night itself, in the name of who asked."""
    with world.store.writing() as tx:
        grant_role(tx, Post("boss", Role.OPERATOR), by="boss", reason="first")
    failed = carried_out(required(world.deployment), ErrandKind.NIGHT, {"date": "2025-01-31", "accepted": []})
    assert (failed.state, codes(failed)) == (ErrandState.FAILED, [AccessCode.NOT_ALLOWED])
    with world.store.reading() as rx:
        assert run_of(rx, JOB, day("2025-01-31")) is None


def test_a_replay_says_whether_it_comes_to_the_same(world: World) -> None:
    """Of a night that was published; of one that never was it fails, and says so."""
    world.night("2025-01-31")
    done = carried_out(world.deployment, ErrandKind.REPLAY, {"date": "2025-01-31"})
    assert (done.result or {})["verdict"] == "equal"
    failed = carried_out(world.deployment, ErrandKind.REPLAY, {"date": "2025-01-30"})
    assert failed.state is ErrandState.FAILED


def test_a_plan_is_kept_under_its_fingerprint(world: World) -> None:
    """Of an end of the policy, as it was asked; the same words lead to the same change."""
    asked_for = AskedPlan(POLICY, Way.REPEAL, 2, days=ProposedDays(day("2025-03-01")))
    assert AskedPlan.of_wanted(asked_for.wanted()) == asked_for
    assert change_asked(world.deployment, asked_for).policies == (POLICY,)

    done = carried_out(world.deployment, ErrandKind.PLAN, asked_for.wanted())
    assert kept_plan(world.deployment, str((done.result or {})["fingerprint"])) is not None


def test_readiness_is_of_the_policies_that_were_asked_about(world: World) -> None:
    """Of all of them, or of a remit's: an empty one has nothing to say."""
    with world.store.reading() as rx:
        text = published_versions(rx, POLICY)[0].text
    path = world.deployment.workspace.policies / POLICY / "1.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    whole = carried_out(world.deployment, ErrandKind.READINESS, {"policies": None})
    none = carried_out(world.deployment, ErrandKind.READINESS, {"policies": []})
    assert [len((each.result or {})["verdicts"]) for each in (whole, none)] == [1, 0]  # type: ignore[arg-type]  # lists


def test_a_fault_of_ours_ends_the_errand_without_words(world: World) -> None:
    """Kind and places are kept, and nothing that the fault says: its words may name people."""
    failed = carried_out(world.deployment, ErrandKind.REPLAY, {"dat": "张三"})
    assert failed.state is ErrandState.FAILED
    assert (failed.result or {})["fault"] == "KeyError"
    assert "张三" not in str((failed.result or {})["at"])


def test_progress_is_written_beside_the_work(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it goes on, in the words of the stage that it is at; the lease goes on with it."""
    monkeypatch.setattr(runner, "BEAT_SECONDS", 0.01)
    errand = asked(world.deployment, ErrandKind.REPLAY, {"date": "2025-01-31"})
    with world.store.writing() as tx:
        taken = take_errand(tx, holder="this", is_dead=is_dead)
    assert taken is not None
    with runner._kept(world.store, taken) as progress:  # the very part that writes beside
        progress("comparing")
        until(lambda: now(world.deployment, errand).progress == "comparing")


def until(holds: object) -> None:
    """Wait for another thread or process, and give up after a while."""
    assert callable(holds)
    over = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < over
        threading.Event().wait(0.05)


def test_a_process_of_its_own_carries_an_errand_out_beside_the_server(tmp_path: Path) -> None:
    """By the machine's clock, from the workspace alone; and whoever is not the holder carries nothing out."""
    made = World.at(tmp_path / "w")
    made.people("ab")
    made.store.close()
    with deployed(tmp_path / "w", SystemClock()) as deployment:
        errand = asked(deployment, ErrandKind.REPLAY, {"date": "2025-01-31"})
        work(tmp_path / "w", errand.errand_id, "nobody")
        assert now(deployment, errand).state is ErrandState.ASKED
        with errands_beside(deployment):
            until(lambda: now(deployment, errand).state not in {ErrandState.ASKED, ErrandState.RUNNING})
        found = now(deployment, errand)
        assert (found.state, found.asked_by) == (ErrandState.FAILED, "li"), found.result


def test_what_a_killed_server_had_in_hands_is_broken_off(tmp_path: Path) -> None:
    """The process that held it is gone: it is shown so at once, and the next server takes what is asked anew."""
    made = World.at(tmp_path / "w")
    made.people("ab")
    made.store.close()
    with deployed(tmp_path / "w", SystemClock()) as deployment:
        errand = asked(deployment, ErrandKind.REPLAY, {"date": "2025-01-31"})
        held = os.fork()
        if held == 0:  # a server that takes it and is killed
            with deployed(tmp_path / "w", SystemClock()) as own, own.store.writing() as tx:
                take_errand(tx, holder=holder_name(), is_dead=is_dead)
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(held, 0)

        left = now(deployment, errand)
        assert left.state is ErrandState.RUNNING
        assert left.stands(deployment.clock.now(), is_dead) is ErrandState.BROKEN_OFF
        again = asked(deployment, ErrandKind.REPLAY, {"date": "2025-01-31"})
        assert again.errand_id != errand.errand_id
        assert take_and_carry_out(deployment) is not None
        assert codes(now(deployment, again)) == [RunCode.UNKNOWN_RUN]
