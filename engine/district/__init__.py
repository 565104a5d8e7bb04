"""A made-up district to try the product on.

In:       a seed and how many people and enterprises there are.
Out:      files as departments deliver them, and a `DistrictPlan`: deliveries, activations, nights, trial accounts,
          and the list of planted faults with what has to be found of each.
Promises: the same seed gives the same bytes; no number, name or account belongs to anybody.
"""

from engine.district.generate import generate_district
from engine.district.plan import (
    DeliveredFile,
    DistrictPlan,
    Expected,
    ExpectedCase,
    ExpectedFinding,
    ExpectedItem,
    ExpectedOutcome,
    ExpectedSame,
    Fault,
    PlannedNight,
    Step,
    TrialAccount,
)

__all__ = [
    "DeliveredFile",
    "DistrictPlan",
    "Expected",
    "ExpectedCase",
    "ExpectedFinding",
    "ExpectedItem",
    "ExpectedOutcome",
    "ExpectedSame",
    "Fault",
    "PlannedNight",
    "Step",
    "TrialAccount",
    "generate_district",
]
