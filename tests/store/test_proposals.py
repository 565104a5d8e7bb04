"""Proposals move by the table of transitions, each step is kept, and nobody approves their own."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from core.errors import RefusedError
from rules.standing import Activation
from store.activations import activations_known_at, published_versions
from store.codes import StoreCode, StoreInvariantError
from store.opening import Store, Writing
from store.proposals import (
    Proposal,
    ProposalEvent,
    ProposedActivation,
    ProposedVersion,
    Submission,
    apply,
    live_proposal,
    pending_proposal,
    proposal_with,
    proposals_about,
    revisions,
    steps_of,
    submit,
)
from store.states.rules import VERSION_TRANSITIONS, VersionState
from tests.store.worlds import CLOCK_START, POLICY, later

JULY = dt.date(2026, 7, 1)
VERSION = ProposedVersion(POLICY, 1, "text", "f1", JULY, None)


def _submission(fingerprint: str = "plan", *, policy: str = POLICY, version: int | None = 1) -> Submission:
    versions = () if version is None else (ProposedVersion(policy, version, "text", f"f{version}", JULY, None),)
    activations = (ProposedActivation(policy, version, JULY, clears=version is None),)
    return Submission(fingerprint, f"the plan {fingerprint}", "author", versions, activations)


def _submit(tx: Writing, submission: Submission | None = None) -> Proposal:
    return submit(tx, submission or _submission(), by="clerk")


def _go(tx: Writing, proposal: Proposal, *targets: VersionState) -> Proposal:
    who = {VersionState.APPROVED: "second", VersionState.RETURNED: "second"}
    for target in targets:
        proposal = apply(tx, proposal, ProposalEvent(target, who.get(target, "clerk"), f"because {target}"))
    return proposal


@contextmanager
def _refused(code: StoreCode) -> Iterator[None]:
    with pytest.raises(RefusedError) as caught:
        yield
    assert [each.code for each in caught.value.findings] == [code]


def test_an_approved_plan_is_published_whole(store: Store) -> None:
    """The text and the activation are there with the step, under the id that was proposed."""
    with store.writing() as tx:
        proposal = _go(tx, _submit(tx), VersionState.APPROVED)
        assert published_versions(tx) == ()
        assert activations_known_at(tx, tx.now) == ()
        proposal = _go(tx, proposal, VersionState.PUBLISHED)

    with store.reading() as rx:
        (version,) = published_versions(rx)
        assert (version.text, version.fingerprint, version.published_by) == ("text", "f1", "clerk")
        assert activations_known_at(rx, rx.now) == (Activation(POLICY, 1, JULY, None, CLOCK_START),)
        assert (proposal.state, proposal.approved_by, proposal.moves) == (VersionState.PUBLISHED, "second", 3)
        assert live_proposal(rx, "plan") == proposal
        assert pending_proposal(rx, POLICY) is None


def test_every_step_is_kept(store: Store) -> None:
    """Who, when, from where to where, why, and on which fingerprint."""
    with store.writing() as tx:
        first = _submit(tx)
    later(store, hours=1)
    with store.writing() as tx:
        _go(tx, first, VersionState.RETURNED)
    later(store, hours=1)
    with store.writing() as tx:
        second = _submit(tx, _submission("mended"))

    with store.reading() as rx:
        steps = [(s.source, s.target, s.taken_by, s.reason, s.fingerprint) for s in steps_of(rx, first.proposal_id)]
        assert steps == [
            ("draft", "submitted", "clerk", None, "plan"),
            ("submitted", "returned", "second", "because returned", "plan"),
        ]
        again = [(s.number, s.source, s.target, s.taken_at - CLOCK_START) for s in steps_of(rx, second.proposal_id)]
        assert again == [
            (1, "returned", "draft", dt.timedelta(hours=2)),
            (2, "draft", "submitted", dt.timedelta(hours=2)),
        ]
        assert [(r.revision, r.state) for r in revisions(rx, POLICY)] == [(1, "returned"), (2, "submitted")]
        assert proposals_about(rx, POLICY) == (proposal_with(rx, first.proposal_id), second)


@pytest.mark.parametrize("target", VersionState)
@pytest.mark.parametrize("path", [(), ("approved",), ("returned",), ("withdrawn",), ("approved", "published")])
def test_nothing_moves_that_is_not_in_the_table(store: Store, path: tuple[str, ...], target: VersionState) -> None:
    """From every state that a proposal can be in, exactly the steps of the table are open."""
    with store.writing() as tx:
        proposal = _go(tx, _submit(tx), *map(VersionState, path))
        if target in VERSION_TRANSITIONS[proposal.state] - {VersionState.DRAFT}:
            assert _go(tx, proposal, target).state is target
        elif target is not VersionState.DRAFT:
            with _refused(StoreCode.WRONG_STATE):
                _go(tx, proposal, target)


@pytest.mark.parametrize("who", ["author", "clerk"])
def test_nobody_approves_their_own_work(store: Store, who: str) -> None:
    """Neither who wrote it nor who handed it in; the database refuses it too."""
    with store.writing() as tx:
        proposal = _submit(tx)
        with _refused(StoreCode.OWN_APPROVAL):
            apply(tx, proposal, ProposalEvent(VersionState.APPROVED, who))
    with pytest.raises(StoreInvariantError), store.writing() as tx:
        tx.connection.execute(sa.text("update proposal set approved_by = :who"), {"who": who})


def test_the_database_knows_the_table_of_transitions(store: Store) -> None:
    """A step that the table lacks is refused by the database itself."""
    with store.writing() as tx:
        key = _submit(tx).proposal_id
    leap = sa.text("insert into proposal_step values (:key, 9, 'submitted', 'published', :at, 'x', null, 'plan')")
    with pytest.raises(StoreInvariantError), store.writing() as tx:
        tx.connection.execute(leap, {"key": key, "at": tx.now})


def test_two_writers_of_one_proposal(store: Store) -> None:
    """Who moves it as it was before somebody else's step is refused, and nothing is written."""
    with store.writing() as tx:
        seen = _submit(tx)
        _go(tx, seen, VersionState.WITHDRAWN)
    with _refused(StoreCode.CHANGED), store.writing() as tx:
        _go(tx, seen, VersionState.APPROVED)

    with store.reading() as rx:
        assert proposal_with(rx, seen.proposal_id).state is VersionState.WITHDRAWN
        assert len(steps_of(rx, seen.proposal_id)) == 2


def test_one_proposal_about_a_policy_waits_at_a_time(store: Store) -> None:
    """A second one would be planned on a state that the first is about to change."""
    with store.writing() as tx:
        first = _submit(tx)
        with _refused(StoreCode.WRONG_STATE):
            _submit(tx, _submission("another"))
        _submit(tx, _submission("elsewhere", policy="transport"))
        _go(tx, first, VersionState.WITHDRAWN)
        assert _submit(tx).proposal_id != first.proposal_id


def test_a_published_version_is_never_submitted_again(store: Store) -> None:
    """Its plan is done, and its number is taken; a repeal of it is a plan of its own."""
    with store.writing() as tx:
        _go(tx, _submit(tx), VersionState.APPROVED, VersionState.PUBLISHED)
        with _refused(StoreCode.WRONG_STATE):
            _submit(tx)
        with _refused(StoreCode.ACTIVATION_CLASH):
            _submit(tx, _submission("another"))
    later(store, hours=1)
    with store.writing() as tx:
        repeal = _submit(tx, _submission("repeal", version=None))
        _go(tx, repeal, VersionState.APPROVED, VersionState.PUBLISHED)
        assert [each.version for each in activations_known_at(tx, tx.now)] == [1, None]


def test_a_declared_day_is_the_first_day(store: Store) -> None:
    """Whoever reaches back says how far; the database takes no other day."""
    activation = ProposedActivation(POLICY, 1, JULY, reaches_back_to=JULY - dt.timedelta(days=1))
    with pytest.raises(StoreInvariantError), store.writing() as tx:
        submit(tx, Submission("plan", "", "author", (VERSION,), (activation,)), by="clerk")
