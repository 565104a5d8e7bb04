"""Versions asked at once say what each says by itself."""

import datetime as dt

import pytest

from engine.explaining.examine import Viewpoint, examine
from profiles.population import everyone
from rules.answers import Answers, Shared
from rules.closed import ClosedVersion, close_version
from rules.together import Together
from tests.trial_world import LAST_NIGHT, trial_world


@pytest.mark.parametrize("kind", ["enterprise", "person"])
def test_bits_say_what_an_examination_says(kind: str) -> None:
    """How many criteria fail, whether one is unknown, and whether a subject could act on the one: for everybody, everywhere."""
    world = trial_world()
    with world.open() as deployment, deployment.store.reading() as rx:
        root, catalogue = deployment.workspace.root, deployment.catalogue
        viewpoint = Viewpoint.read(rx, root, catalogue, day=LAST_NIGHT, known_at=world.after)
    policies = {each.policy: each for each in viewpoint.of_kind(kind)}
    seen_of_all = set()

    for subject_id in everyone(catalogue, viewpoint.loads, kind):
        profile = viewpoint.profile_of(kind, subject_id)
        failing, unknown = viewpoint.asked(kind, profile)
        for each in viewpoint.standing(kind):
            seen = examine(viewpoint, policies[each.policy], profile)
            own = failing & each.bits.all
            told = own.bit_count(), bool(unknown & each.bits.all), bool(own & each.bits.actionable)
            assert told == (seen.failing_count, bool(seen.unknown), any(one.actionable for one in seen.failing))
            seen_of_all.add((min(told[0], 2), told[1]))

    assert seen_of_all >= {(0, False), (0, True), (1, False), (2, False)}


def test_a_condition_that_a_version_asks_twice_counts_twice() -> None:
    """Of two criteria that ask the same both fail; another version that asks it once shares one of their bits."""
    world = trial_world()
    with world.open() as deployment, deployment.store.reading() as rx:
        viewpoint = Viewpoint.read(
            rx, deployment.workspace.root, deployment.catalogue, day=LAST_NIGHT, known_at=world.after
        )
    standing = viewpoint.standing("enterprise")[0]
    shared = Shared()
    once = close_version(standing.version, shared)
    first = once.bound[0]
    twice = ClosedVersion((first, first), {}, shared)
    together = Together([once, twice])
    facts = dict.fromkeys(standing.version.attributes)

    failing, unknown = together.asked(Answers(facts, dt.date(2025, 9, 30)))

    assert (twice.bound[0].node, together.bits[1].all.bit_count()) == (first.node, 2)
    assert ((failing | unknown) & together.bits[1].all).bit_count() == 2
    assert (together.bits[0].all & together.bits[1].all).bit_count() == 1
