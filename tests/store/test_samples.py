"""Samples and verdicts: kept as they were drawn and said; a version waits until one sample is right in every case."""

import datetime as dt

import pytest

from core.errors import RefusedError
from store.activation_steps import ActivationEvent, ActivationRecord, apply_step, read_activations
from store.codes import StoreCode, StoreInvariantError
from store.opening import Store
from store.proposals import ProposalEvent, ProposedActivation, ProposedVersion, Submission, apply, submit
from store.samples import Drawn, SampleRecord, Verdict, add_sample, add_verdicts, cases_of, unjudged, verdicts_on
from store.states.rules import ActivationState, VersionState
from tests.store.worlds import POLICY, later, register

JULY = dt.date(2026, 7, 1)


@pytest.fixture
def record(store: Store) -> ActivationRecord:
    """Return an activation that came out of its shadow."""
    version = ProposedVersion(POLICY, 1, "text", "f1", JULY, None)
    activation = ProposedActivation(POLICY, 1, JULY, shadow_nights=1)
    with store.writing() as tx:
        proposal = submit(tx, Submission("plan", "", "author", (version,), (activation,)), by="clerk")
        for target, who in ((VersionState.APPROVED, "second"), (VersionState.PUBLISHED, "clerk")):
            proposal = apply(tx, proposal, ProposalEvent(target, who))
        (made,) = read_activations(tx)
        for state in (ActivationState.SHADOW, ActivationState.IN_FORCE):
            made = apply_step(tx, made, ActivationEvent(state, "night"))
    return made


def _sample(store: Store, record: ActivationRecord, *, seed: int = 1) -> SampleRecord:
    subjects = sorted(register(store, "a", "b"))
    cases = [Drawn(number, subject, "met") for number, subject in enumerate(subjects, start=1)]
    with store.writing() as tx:
        return add_sample(tx, record.activation_id, cases, run_id="r_1", seed=seed, by="officer")


def _say(store: Store, sample: SampleRecord, *verdicts: Verdict, by: str = "second") -> None:
    with store.writing() as tx:
        add_verdicts(tx, sample, verdicts, by=by)


def _waits(store: Store, record: ActivationRecord) -> bool:
    with store.reading() as rx:
        return bool(unjudged(rx, [record], known_at=rx.now))


def test_every_case_of_one_sample_is_right(store: Store, record: ActivationRecord) -> None:
    """Half a sample does not release it, nor do halves of two; one whole one does, from its last verdict on."""
    first, second = _sample(store, record), _sample(store, record, seed=2)
    assert _waits(store, record)
    _say(store, first, Verdict(1, is_right=True), Verdict(2, is_right=False, note="moved away"))
    _say(store, second, Verdict(2, is_right=True))
    assert _waits(store, record)

    last = later(store, hours=1)
    _say(store, second, Verdict(1, is_right=True))

    assert not _waits(store, record)
    with store.reading() as rx:
        assert unjudged(rx, [record], known_at=last - dt.timedelta(seconds=1)) == (record,)
        assert [each.note for each in verdicts_on(rx, first.sample_id)] == [None, "moved away"]


def test_the_same_sample_is_drawn_once(store: Store, record: ActivationRecord) -> None:
    """Night and seed say which cases they are."""
    sample = _sample(store, record)
    later(store, hours=1)

    assert _sample(store, record) == sample
    with store.reading() as rx:
        assert [each.number for each in cases_of(rx, sample.sample_id)] == [1, 2]


@pytest.mark.parametrize(
    ("verdict", "by", "code"),
    [
        pytest.param(Verdict(3, is_right=True), "second", StoreCode.UNKNOWN_NAME, id="no-such-case"),
        pytest.param(Verdict(1, is_right=False), "second", StoreCode.WRONG_STATE, id="another-word"),
        pytest.param(Verdict(2, is_right=True), "author", StoreCode.OWN_APPROVAL, id="the-author"),
    ],
)
def test_what_is_refused(store: Store, record: ActivationRecord, verdict: Verdict, by: str, code: StoreCode) -> None:
    """A verdict is said once, on a case there is, by somebody else than the author."""
    sample = _sample(store, record)
    _say(store, sample, Verdict(1, is_right=True))

    with pytest.raises(RefusedError) as caught:
        _say(store, sample, verdict, by=by)

    assert caught.value.findings[0].code is code


def test_a_case_stands_in_a_sample_once(store: Store, record: ActivationRecord) -> None:
    """The database refuses the same subject twice."""
    (subject,) = register(store, "a")
    twice = [Drawn(1, subject, "met"), Drawn(2, subject, "met")]
    with pytest.raises(StoreInvariantError), store.writing() as tx:
        add_sample(tx, record.activation_id, twice, run_id="r_1", seed=1, by="officer")
