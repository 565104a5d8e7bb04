"""Who they are that a change of one policy moves: broken down by the dimensions of the catalogue, and told alike."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from engine.deployment import Deployment
from engine.planning.bands import Bands, groups_of
from engine.planning.breakdown import Alike, BandTable, alike, band_tables, reasons_of
from engine.planning.months import Views
from engine.planning.moves import CHANGED
from profiles.dimensions import read_dimensions
from rules.bound import RuleVersion


@dataclass(frozen=True, slots=True)
class Who:
    """Those who are moved, by dimension and by reason."""

    tables: tuple[BandTable, ...]
    alike: tuple[Alike, ...]


def dimensions_of(deployment: Deployment) -> list[Bands]:
    """Return the dimensions that a workspace declares, each with its attribute.

    Fails: as `profiles.dimensions.read_dimensions`.
    """
    catalogue = deployment.catalogue
    found = []
    for each in read_dimensions(deployment.workspace.catalogue, catalogue):
        attribute = catalogue.attribute_named(each.attribute)
        assert attribute is not None  # read_dimensions has made sure of it
        found.append(Bands(each, attribute))
    return found


def who_is_moved(
    moves: pl.DataFrame,
    views: Views,
    versions: tuple[RuleVersion | None, RuleVersion | None],
    day: dt.date,
    dimensions: Sequence[Bands],
) -> Who:
    """Return who they are on the measuring day.

    Shape: `engine.planning.moves.MOVES`; the policy and the version that stands on the day, before and after.
    """
    night, policy = views[0].present.night, views[1].policy
    assert policy is not None  # it is proposed
    moved = moves.filter(pl.col("move").is_in([move.value for move in CHANGED]))
    own = [each for each in dimensions if each.dimension.subject == policy.kind]
    groups = groups_of(night, policy.kind, own, moved["subject_id"], day)
    on = (views[0].profiles_on(day), views[1].profiles_on(day))
    reasons = reasons_of(moved, on, versions, night.catalogue)
    return Who(band_tables(moved, groups, own), alike(moved, reasons, groups, own))
