"""What is checked of a declared calendar: that its periods follow each other, each with its census day within."""

from collections.abc import Iterator
from itertools import pairwise

from core.findings import Finding
from profiles.catalogue import DeclaredCalendar
from profiles.codes import ProfileCode
from profiles.draft import Draft

_DAY_MOST = 28  # every month has it


def check_calendar(calendar: DeclaredCalendar, draft: Draft) -> Iterator[Finding]:
    """Give what is wrong with a calendar."""
    for line, message, remedy in _faults(calendar):
        yield Finding(ProfileCode.CALENDAR, draft.place("calendar", calendar.code, line), message, remedy)


def _faults(calendar: DeclaredCalendar) -> Iterator[tuple[int, str, str]]:
    has_steps = calendar.starts is not None and calendar.months is not None
    if bool(calendar.periods) == has_steps or (calendar.starts is None) != (calendar.months is None):
        message = f"the calendar `{calendar.code}` needs either `periods`, or `starts` and `months`"
        yield calendar.line, message, "list its periods, or say from which day on one begins every so many months"
    if has_steps and calendar.months is not None and calendar.months < 1:
        yield calendar.line, f"a period lasts a month or more, found {calendar.months}", "write 3, 6 or 12"
    if calendar.starts is not None and calendar.starts.day > _DAY_MOST:
        message = f"some months have no day {calendar.starts.day}"
        yield calendar.line, message, "let it start on the 28th or before, or list its periods"
    for each in calendar.periods:
        if each.last < each.first or (each.census is not None and not each.first <= each.census <= each.last):
            message = f"`{each.name}`: its days, or its census day, lie the wrong way round"
            yield each.line, message, "`first` comes before `last`, and `census` between them"
    for before, after in pairwise(calendar.periods):
        if after.first <= before.last:
            yield after.line, f"`{after.name}` begins before `{before.name}` has ended", "list them in order, apart"
