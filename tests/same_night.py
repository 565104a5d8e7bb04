"""One night computed twice: looking back as far as it has to, and looking at everything. Both come to the same."""

import dataclasses
import datetime as dt
from dataclasses import replace

from polars.testing import assert_frame_equal

from engine.compute import Computed, compute
from engine.deployment import Deployment
from engine.night import gather


def limited_night_agrees(deployment: Deployment, date: dt.date) -> bool:
    """Check what a night that goes on from the last one comes to, against one that does not.

    Return whether it left anything out.
    """
    with deployment.store.reading() as rx:
        night = gather(
            rx,
            deployment.workspace.root,
            deployment.catalogue,
            business_date=date,
            known_at=deployment.clock.now(),
            calendar=deployment.calendar,
        )
        if night.last is None:
            return False
        limited = compute(rx, night, lambda _: None)
        if not limited.night.lookback.is_limited:
            return False
        whole = compute(rx, replace(night, last=None), lambda _: None)
    assert_same(limited, whole)
    return limited.night.positions.height < whole.night.positions.height


def assert_same(limited: Computed, whole: Computed) -> None:
    """Check that two nights write, tell and report the same."""
    for name in (each.name for each in dataclasses.fields(limited.ledger_changes)):
        one, other = getattr(limited.ledger_changes, name), getattr(whole.ledger_changes, name)
        if name == "seen":  # rows that are not written: whole nights see more of them
            other = other.join(one, on="obligation_id", how="semi")
        assert_frame_equal(one, other, check_row_order=False)
    assert limited.acts == whole.acts
    assert_frame_equal(limited.told, whole.told, check_row_order=False)
    assert_frame_equal(limited.expiring, whole.expiring)
    assert_frame_equal(limited.asked.new, whole.asked.new)
    assert limited.asked.settled == whole.asked.settled
    assert limited.tallies == whole.tallies
    for policy, states in whole.states.items():
        assert_frame_equal(limited.states[policy], states)
