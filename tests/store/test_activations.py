import datetime as dt

import pytest

from core.errors import RefusedError
from core.ids import derive_id
from rules.standing import Activation
from store.activations import activate, activations_known_at, publish_version, published_versions
from store.codes import StoreCode
from store.opening import Store, Writing
from tests.store.worlds import CLOCK_START, POLICY, later

JULY = dt.date(2026, 7, 1)


def _publish(tx: Writing, version: int = 1, fingerprint: str = "f1") -> bool:
    days = (JULY, None)
    return publish_version(tx, "text", policy=POLICY, version=version, fingerprint=fingerprint, days=days, by="officer")


def _activate(tx: Writing, version: int | None, *, clears: bool = False) -> Activation:
    made = Activation(POLICY, version, JULY, None, tx.now, clears)
    activate(tx, derive_id("a", f"{version}"), made, by="officer")
    return made


def test_a_version_is_published_once(store: Store) -> None:
    """The same text again changes nothing; another text under the same number is refused."""
    with store.writing() as tx:
        assert _publish(tx)
        assert not _publish(tx)
        with pytest.raises(RefusedError) as caught:
            _publish(tx, fingerprint="f2")

    assert caught.value.findings[0].code is StoreCode.ACTIVATION_CLASH
    assert caught.value.findings[0].help == "publish the change as version 2; a published version is never edited"
    with store.reading() as rx:
        (kept,) = published_versions(rx)
    assert (kept.text, kept.valid_from, kept.valid_through, kept.published_at) == ("text", JULY, None, CLOCK_START)


def test_activations_are_known_from_their_instant_on(store: Store) -> None:
    """An activation cannot be known before it was made; a repeal has no version."""
    with store.writing() as tx:
        _publish(tx)
        first = _activate(tx, 1)
    later(store, hours=1)
    with store.writing() as tx:
        repeal = _activate(tx, None, clears=True)

    with store.reading() as rx:
        assert activations_known_at(rx, CLOCK_START - dt.timedelta(seconds=1)) == ()
        assert activations_known_at(rx, CLOCK_START) == (first,)
        assert activations_known_at(rx, store.clock.now()) == (first, repeal)


def test_only_a_published_version_can_stand(store: Store) -> None:
    """A version that nobody approved never decides anything."""
    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        _activate(tx, 1)

    assert caught.value.findings[0].code is StoreCode.UNKNOWN_NAME


def test_two_activations_of_one_instant_would_have_no_order(store: Store) -> None:
    """The greatest instant wins; so two of one instant from one day are refused."""
    with store.writing() as tx:
        _publish(tx)
        _activate(tx, 1)
        with pytest.raises(RefusedError) as caught:
            _activate(tx, None, clears=True)

    assert caught.value.findings[0].code is StoreCode.ACTIVATION_CLASH
