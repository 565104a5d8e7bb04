"""Which language somebody reads: the one they chose, else the first that their browser asks for and pages speak, else Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.languages import Language

COOKIE: Final = "language"
COOKIE_SECONDS: Final = 365 * 24 * 3600
_HEADER_MAX: Final = 500  # of what a browser asks for; nobody has more languages than fit in there


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language as a page names it: the value of its form, its tag, and what its own readers call it."""

    value: str
    tag: str
    label: str


SPOKEN: Final[Mapping[Language, Spoken]] = {
    Language.CHINESE: Spoken(Language.CHINESE.value, "zh-CN", "中文"),
    Language.ENGLISH: Spoken(Language.ENGLISH.value, "en", "English"),
}


def language_read(chosen: str | None, accepted: str | None) -> Language:
    """Return the language of a page, by the cookie of the switch and by `Accept-Language`."""
    if chosen in set(Language):
        return Language(chosen)
    asked = (tag.partition("-")[0].lower() for tag in _asked((accepted or "")[:_HEADER_MAX]))
    return next((Language(each) for each in asked if each in set(Language)), Language.CHINESE)


def _asked(accepted: str) -> list[str]:
    """Return the languages of a header, the dearest first; those of weight zero are not wanted."""
    weighed = []
    for part in accepted.split(","):
        tag, *parameters = (each.strip() for each in part.split(";"))
        weight = _weight(parameters)
        if tag and weight > 0:
            weighed.append((-weight, tag))
    return [tag for _, tag in sorted(weighed, key=lambda each: each[0])]


def _weight(parameters: list[str]) -> float:
    for each in parameters:
        name, _, value = each.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
