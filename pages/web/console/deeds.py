"""What a thing on the desk stands open to: deeds, each with the form that asks for its words, and what does it.

A page shows those that fit how the thing stands and the roles of who looks; whether it is done, the deed itself decides.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Generic, TypeVar

from starlette.responses import Response

from core.clock import civil_day
from core.money import fen_written
from core.roles import Role
from engine.authority import is_required
from pages.web.routes import For, Route, View, deed
from pages.web.visits import Visit, missing
from store.roles import roles_of

COUNT_MAX: Final = 999
YEARS: Final = range(1900, 3000)
Thing = TypeVar("Thing")
Word = TypeVar("Word", bound=StrEnum)


class Asks(StrEnum):
    """What kind of words a field takes."""

    LINE = "line"
    WORDS = "words"  # several lines
    YUAN = "yuan"
    DAY = "day"
    COUNT = "count"
    YEAR = "year"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Ask:
    """One field of a form; `choices` are its words by value."""

    name: str
    label: str
    kind: Asks = Asks.LINE
    is_needed: bool = True
    choices: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""
    longest: int = 500


REASON: Final = Ask("reason", "理由")
REMARK: Final = Ask("reason", "说明（可不填）", is_needed=False)
BASIS: Final = Ask("basis", "依据的法规或文件", hint="例如：某办法第三条")


@dataclass(frozen=True, slots=True)
class Deed(Generic[Thing]):
    """A deed: the end of its address, what its button says, who may do it, what it asks for, and when it fits."""

    name: str
    label: str
    roles: Collection[Role]
    view: View
    fits: Callable[[Thing], bool] = lambda _: True
    asks: Sequence[Ask] = ()
    note: str = ""  # what whoever does it has to know
    is_sensitive: bool = False


def deed_routes(place: str, deeds: Sequence[Deed[Thing]]) -> list[Route]:
    """Return the routes of deeds below the page of what they are done to."""
    return [
        deed(f"{place}/{each.name}", each.view, For.OFFICER, each.roles, is_sensitive=each.is_sensitive)
        for each in deeds
    ]


def open_deeds(visit: Visit, deeds: Sequence[Deed[Thing]], thing: Thing) -> list[Deed[Thing]]:
    """Return the deeds that a thing stands open to, as far as the roles of who looks reach."""
    fitting = [each for each in deeds if each.fits(thing)]
    if not is_required(visit.deployment):
        return fitting
    with visit.deployment.store.reading() as rx:
        held = {each.role for each in roles_of(rx, visit.by)}
    return [each for each in fitting if held & set(each.roles)]


def done(visit: Visit, said: str, /, **values: object) -> Response:
    """Lead back to the page below which the deed stands, saying what came of it: a message, with its values."""
    return visit.say(visit.request.url.path.rpartition("/")[0], said, **values)


def today(visit: Visit) -> dt.date:
    """Return the day it is."""
    return civil_day(visit.deployment.clock.now())


def given_fen(visit: Visit, name: str) -> int | None:
    """Return a sum of a form in fen, or None where none is written; browsers let no other words through."""
    text = visit.given(name)
    fen = fen_written(text) if text else None
    if text and fen is None:
        raise missing()
    return fen


def given_day(visit: Visit, name: str) -> dt.date | None:
    """Return a day of a form, or None where none is written."""
    return day_written(visit.given(name))


def day_written(text: str) -> dt.date | None:
    """Return a day as browsers send it, or None where none is written; days of other ages are nobody's."""
    try:
        day = dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise missing() from None
    if day is not None and day.year not in YEARS:
        raise missing()
    return day


def given_count(visit: Visit, name: str) -> int:
    """Return a whole number from 1 on."""
    text = visit.given(name)
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(COUNT_MAX)) and int(text)):
        raise missing()
    return int(text)


def given_year(visit: Visit) -> int:
    """Return the year of a form."""
    text = visit.given("year")
    if not (text.isascii() and text.isdecimal() and len(text) == len("2025") and int(text) in YEARS):
        raise missing()
    return int(text)


def given_among(visit: Visit, name: str, words: type[Word]) -> Word:
    """Return a word of a form that has to be one of some."""
    text = visit.given(name)
    if text not in set(words):
        raise missing()
    return words(text)
