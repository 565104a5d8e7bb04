"""What planted subjects are expected to get: the policies and nights that the faults speak of."""

from engine.district.calendar import NIGHTS

LIVING = "disability-living-allowance"
NURSING = "disability-nursing-allowance"
TRANSPORT = "disability-transport-allowance"
OLD_AGE = "old-age-allowance"
REFUND = "job-stabilisation-refund"
HIGHTECH = "hightech-award"
SPECIALISED = "specialised-award"
CENTRE_NATIONAL = "technology-centre-national"
CENTRE_MUNICIPAL = "technology-centre-municipal"
CENTRE_DISTRICT = "technology-centre-district"
LEVY = "disabled-levy-exemption"

JULY, AUGUST, SEPTEMBER = NIGHTS

# Positions in `calendar.REGISTERS`, `calendar.INCREMENTS` and `calendar.QUARTERLY`.
REGISTERS_AUGUST, REGISTERS_SEPTEMBER = 1, 2
EVENTS_FIRST, EVENTS_LATE_AUGUST, EVENTS_LATE_SEPTEMBER = 0, 2, 4
QUARTERLY_SEPTEMBER = 1
