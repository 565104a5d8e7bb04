"""Templates filled: in the language of who reads, with values escaped, every name known, and the words of the product."""

from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import InternationalizationExtension

from core.languages import Language
from delivery.period_words import period_words
from pages.language.amounts import range_words, short_range_words
from pages.language.foreign import with_chinese_marked
from pages.language.implicit import Implicit
from pages.language.translating import Words, words_in
from pages.plan_words import FILTERS

PIECES_KEPT: Final = 16_384  # some forty for each of three hundred policies, of a kilobyte or two
_FOLDER = Path(__file__).parents[1] / "templates"


class Rendering:
    """Fills templates; tables of words are in the language of the page, and a value that a template names and nobody gives is a fault."""

    def __init__(self, words: Mapping[str, object]) -> None:
        self._environments = {language: environment_in(words_in(language), words) for language in Language}
        self._kept = lru_cache(PIECES_KEPT)(self._piece)

    def fill(self, template: str, language: Language, /, **values: object) -> str:
        """Return a page."""
        page = self._environments[language].get_template(template).render(**values)
        return with_chinese_marked(page) if language is Language.ENGLISH else page

    def read_all(self) -> None:
        """Read every template in every language, so that nobody's page waits for it."""
        for environment in self._environments.values():
            for name in environment.list_templates():
                environment.get_template(name)

    def piece(self, template: str, language: Language, of: Hashable, *, is_kept: bool) -> str:
        """Return a part of a page, as markup, that shows one value; where it `is_kept`, it is drawn once for equal values.

        INVARIANT: the macro `piece` of the template is given the value and the words of the product alone, so that whoever
        meets a kept part shows the same value.
        """
        return self._kept(template, language, of) if is_kept else self._piece(template, language, of)

    def _piece(self, template: str, language: Language, of: Hashable) -> str:
        draw = self._environments[language].get_template(template).module.piece  # type: ignore[attr-defined]  # a macro
        return str(draw(of))


def environment_in(words: Words, names: Mapping[str, object]) -> Environment:
    """Return what fills templates in one language.

    Chinese pages say what their templates say; of those in another language every text is a message.
    """
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        auto_reload=False,  # the shipped files never change under a process: no look at them for each page
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[*([Implicit] if words.is_english else []), InternationalizationExtension],
    )
    environment.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    environment.globals["_"] = words  # words that come from elsewhere: plain text, escaped where it stands
    filters: dict[str, Callable[..., Any]] = {
        "yuan": words.yuan,
        "day": words.day,
        "range": partial(range_words, words=words),
        "short_range": partial(short_range_words, words=words),
        "instant": words.instant,
        "period": lambda period: words.gettext(period_words(period)),
        **FILTERS,
    }
    environment.filters |= filters
    environment.globals |= {
        name: words.table(value) if isinstance(value, Mapping) else value for name, value in names.items()
    }
    return environment
