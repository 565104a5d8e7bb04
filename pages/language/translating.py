"""Words in the language of a page: messages by their catalogue; sums, numbers, days and instants as that language writes them.

A message is its Chinese text. What has no English stays Chinese, which is better than nothing, and a test names it.
"""

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from core.clock import CIVIL_ZONE
from core.languages import Language
from core.money import yuan_text
from pages.language.composed import Reader
from pages.words import day_text, instant_text

FOLDER: Final = Path(__file__).parents[1] / "locales"
DOMAIN: Final = "pages"
_LOCALE: Final = "en"
_FEN: Final = 100
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Words:
    """What a page of one language says."""

    language: Language
    catalogue: NullTranslations
    reader: Reader | None = None  # of what stages put together in Chinese

    @property
    def is_english(self) -> bool:
        """Say whether it is English."""
        return self.language is Language.ENGLISH

    def table(self, said: Mapping[Key, str]) -> dict[Key, str]:
        """Return a table of words."""
        return {key: self.gettext(word) for key, word in said.items()}

    def __call__(self, said: str, /, **values: object) -> str:
        """Return a message with its values, which stand in it as `%(name)s`, as plain text."""
        text = self.gettext(said)
        return text % values if values else text

    def gettext(self, said: str) -> str:
        """Return a message, or words that were put together; what is empty says nothing."""
        if not said:
            return said
        text = str(self.catalogue.gettext(said))
        return text if text != said or self.reader is None else self.reader.read(said)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return a message about one or several."""
        return str(self.catalogue.ngettext(one, many, count))

    def yuan(self, fen: int) -> str:
        """Return a sum of fen in yuan, without its unit."""
        if not self.is_english:
            return yuan_text(fen)
        return format_decimal(Decimal(fen) / _FEN, "#,##0.00", locale=_LOCALE)

    def day(self, day: dt.date | None) -> str:
        """Return a day."""
        return day_text(day) if day is None or not self.is_english else format_date(day, "medium", locale=_LOCALE)

    def instant(self, instant: dt.datetime | None) -> str:
        """Return an instant, on the clocks of China."""
        if instant is None or not self.is_english:
            return instant_text(instant)
        return format_datetime(instant, "MMM d, y, HH:mm", tzinfo=CIVIL_ZONE, locale=_LOCALE)


@cache
def words_in(language: Language) -> Words:
    """Return the words of a language; its catalogue is read once."""
    if language is Language.CHINESE:
        return Words(language, NullTranslations())
    catalogue = _read(language)
    return Words(language, catalogue, Reader(catalogue.gettext, _LOCALE))


def catalogue_of(language: Language) -> Path:
    """Return the file of a language's messages."""
    return FOLDER / language.value / "LC_MESSAGES" / f"{DOMAIN}.po"


def _read(language: Language) -> Translations:
    """Return a catalogue by its text, so that there is no compiled copy that could be another."""
    with catalogue_of(language).open("rb") as text:
        catalogue = read_po(text, locale=language.value, domain=DOMAIN, abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)
