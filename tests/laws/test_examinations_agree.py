"""What a page says of one subject is what the night decided for it."""

import datetime as dt

import polars as pl
import pytest

from engine.answers import profiles_by_kind
from engine.decide import OUTCOMES, outcomes_on_date
from engine.explaining.examination import Examination
from engine.explaining.examine import Viewpoint, examine
from engine.night import gather
from tests.trial_world import LAST_NIGHT, trial_world

Row = tuple[str, list[str], list[str], int | None]


def decided(kind: str) -> tuple[Viewpoint, dict[tuple[str, str], Row]]:
    """Return what a night over the whole small district decides, by policy and subject."""
    world = trial_world()
    with world.open() as deployment, deployment.store.reading() as rx:
        root, catalogue = deployment.workspace.root, deployment.catalogue
        night = gather(rx, root, catalogue, business_date=LAST_NIGHT, known_at=world.after)
        viewpoint = Viewpoint.read(rx, root, catalogue, day=LAST_NIGHT, known_at=world.after)
    profiles = profiles_by_kind(night, known_at=night.known_at)[kind]
    return viewpoint, {
        (policy.policy, row["subject_id"]): (
            row["outcome"], sorted(row["failing"]), sorted(row["missing"]), row["amount_fen"]
        )
        for policy in night.policies
        if policy.kind == kind
        for row in outcomes_on_date(night, policy, profiles).match_to_schema(OUTCOMES).iter_rows(named=True)
    }  # fmt: skip


def as_a_night_says_it(seen: Examination) -> Row:
    """Return an examination in the words of `engine.match.decide`."""
    least, most = seen.amount or (0, 0)
    is_known = seen.outcome == "met" and least == most
    failing = sorted(each.id for each in seen.failing)
    return seen.outcome, failing, sorted(each.code for each in seen.missing), least if is_known else None


@pytest.mark.parametrize("kind", ["enterprise", "person"])
def test_an_examination_says_what_the_night_decided(kind: str) -> None:
    """Outcome, failing criteria, missing facts and amount are the same, for every subject and every policy."""
    viewpoint, rows = decided(kind)
    subjects = sorted({subject_id for _, subject_id in rows})
    policies = {each.policy: each for each in viewpoint.of_kind(kind)}

    told = {}
    for subject_id in subjects:
        profile = viewpoint.profile_of(kind, subject_id)
        for code, policy in policies.items():
            told[code, subject_id] = as_a_night_says_it(examine(viewpoint, policy, profile))

    assert {row[0] for row in rows.values()} == {"met", "not_met", "unknown"}, "the district has all three"
    assert {key: row for key, row in told.items() if row != rows.get(key)} == {}
    assert told.keys() == rows.keys()


def test_nothing_before_it_was_known() -> None:
    """A viewpoint at an earlier instant sees none of the later loads and activations."""
    world = trial_world()
    before = dt.datetime(2025, 7, 6, tzinfo=dt.UTC)
    with world.open() as deployment, deployment.store.reading() as rx:
        root, catalogue = deployment.workspace.root, deployment.catalogue
        viewpoint = Viewpoint.read(rx, root, catalogue, day=LAST_NIGHT, known_at=before)

    assert max(info.loaded_at for info in viewpoint.loads.infos) <= before
    instants = pl.Series([a.activated_at for policy in viewpoint.policies for a in policy.activations])
    assert (instants <= before).all()
    assert viewpoint.of_kind("person") == ()
