"""The day that a delivered file speaks for: as told, or as its name says."""

import datetime as dt
import re

from core.errors import ProfileError
from profiles.codes import ProfileCode

_DAY = re.compile(r"(?<!\d)(\d{4})(-?)(\d{2})\2(\d{2})(?!\d)")


def data_date_of(name: str, told: dt.date | None, *, today: dt.date) -> dt.date:
    """Return the data date of a delivery.

    Fails: ProfileError where nobody says it, where the name says two, or where it lies ahead.
    """
    day = told or _from_name(name)
    if day > today:
        message = f"the data date {day} lies ahead"
        help_line = "give the day that the rows speak for"
        raise ProfileError.one(ProfileCode.DATA_DATE_AHEAD, name, message, help_line)
    return day


def _from_name(name: str) -> dt.date:
    days = {day for match in _DAY.finditer(name) if (day := _day(match)) is not None}
    if len(days) == 1:
        return days.pop()
    message = "the file name says two different days" if days else "nobody says which day the file speaks for"
    help_line = "put it into the file name as 2025-07-01 or 20250701, or give `--data-date`"
    raise ProfileError.one(ProfileCode.NO_DATA_DATE, name, message, help_line)


def _day(match: re.Match[str]) -> dt.date | None:
    try:
        return dt.date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        return None
