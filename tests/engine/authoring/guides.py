"""Shipped versions and their guides, as tests ask for them."""

import datetime as dt

from engine.authoring.guide import Guide, guide_of
from engine.library import SHIPPED
from profiles.catalogue_reading import read_catalogue
from rules.bound import RuleVersion
from rules.reading import read_policies
from rules.standing import Activation

CATALOGUE = read_catalogue(SHIPPED / "catalogue")
SHIPPED_VERSIONS = {(each.policy, each.version): each for each in read_policies(SHIPPED / "policies", CATALOGUE)}
NURSING = SHIPPED_VERSIONS["disability-nursing-allowance", 2]
DAY = dt.date(2025, 9, 30)


def guide(version: RuleVersion = NURSING, *activations: Activation) -> Guide:
    """Return a guide as of one day."""
    return guide_of(version, CATALOGUE, activations, as_of=DAY)
