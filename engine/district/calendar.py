"""When the district's departments deliver, when the nights run, and which versions stand from when."""

import datetime as dt
from dataclasses import dataclass

from core.clock import civil_instant
from rules.standing import Activation

BEGINS_ON = dt.date(2025, 5, 1)  # the trial pays from here on
FIRST = dt.date(2025, 7, 5)
AUGUST = dt.date(2025, 8, 5)
LATE_AUGUST = dt.date(2025, 8, 25)
SEPTEMBER = dt.date(2025, 9, 5)
LATE_SEPTEMBER = dt.date(2025, 9, 20)

NIGHTS = (dt.date(2025, 7, 31), dt.date(2025, 8, 31), dt.date(2025, 9, 30))
PAY_DAYS = NIGHTS  # what a night has frozen is approved and sent on the same evening

DELIVERY_HOUR = 9
ACTIVATION_HOUR = 15
NIGHT_HOUR = 22


@dataclass(frozen=True, slots=True)
class Edition:
    """One delivery of one resource: when it comes, and the day it speaks for."""

    delivered_on: dt.date
    data_date: dt.date


REGISTERS = (
    Edition(FIRST, dt.date(2025, 6, 30)),
    Edition(AUGUST, dt.date(2025, 7, 31)),
    Edition(SEPTEMBER, dt.date(2025, 8, 31)),
)
MONTHLY_LISTS = (
    Edition(FIRST, dt.date(2025, 4, 27)),
    Edition(FIRST, dt.date(2025, 5, 27)),
    Edition(FIRST, dt.date(2025, 6, 27)),
    Edition(AUGUST, dt.date(2025, 7, 27)),
    Edition(SEPTEMBER, dt.date(2025, 8, 27)),
)
LISTS_WITHOUT_SEPTEMBER = MONTHLY_LISTS[:-1]  # the planted fault: one department forgets a month
INCREMENTS = (
    Edition(FIRST, dt.date(2025, 6, 30)),
    Edition(AUGUST, dt.date(2025, 7, 31)),
    Edition(LATE_AUGUST, dt.date(2025, 8, 24)),
    Edition(SEPTEMBER, dt.date(2025, 8, 31)),
    Edition(LATE_SEPTEMBER, dt.date(2025, 9, 19)),
)
QUARTERLY = (Edition(FIRST, dt.date(2025, 6, 30)), Edition(SEPTEMBER, dt.date(2025, 8, 31)))
YEARLY = (Edition(FIRST, dt.date(2025, 4, 30)),)  # so that they speak for all days of the trial

_PUBLISHED_ON = dt.date(2025, 7, 1)
_RAISE_PUBLISHED_ON = dt.date(2025, 8, 11)  # the notice is dated 2025-08-07 and counts from 07-01 (S-01)
_RAISED_FROM = dt.date(2025, 7, 1)
_YEAR_FROM = dt.date(2025, 1, 1)

_FROM_THE_START = (
    ("disability-living-allowance", 1),
    ("disability-nursing-allowance", 1),
    ("disability-transport-allowance", 1),
    ("old-age-allowance", 1),
    ("hightech-award", 1),
    ("little-giant-award", 1),
    ("specialised-award", 1),
    ("technology-centre-national", 1),
    ("technology-centre-municipal", 1),
    ("technology-centre-district", 1),
    ("job-stabilisation-refund", 2),
)
_FOR_THE_YEAR = (("childcare-subsidy", 1), ("disabled-levy-exemption", 1))
_RAISES = (("disability-living-allowance", 2), ("disability-nursing-allowance", 2))


def activations() -> tuple[Activation, ...]:
    """Return which version stands from when, in the order in which they are published."""
    return (
        *(_activation(policy, version, BEGINS_ON, _PUBLISHED_ON) for policy, version in _FROM_THE_START),
        *(_activation(policy, version, _YEAR_FROM, _PUBLISHED_ON) for policy, version in _FOR_THE_YEAR),
        *(_activation(policy, version, _RAISED_FROM, _RAISE_PUBLISHED_ON) for policy, version in _RAISES),
    )


def _activation(policy: str, version: int, valid_from: dt.date, published_on: dt.date) -> Activation:
    return Activation(policy, version, valid_from, None, civil_instant(published_on, ACTIVATION_HOUR))
