"""Templates filled: with values escaped, every name known, and the words of the product."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.money import yuan_text
from delivery.period_words import period_words
from pages.plan_words import FILTERS
from pages.words import day_text, instant_text, range_words, short_range_words

_FOLDER = Path(__file__).parents[1] / "templates"


class Rendering:
    """Fills templates; a value that a template names and nobody gives is a fault."""

    def __init__(self, words: Mapping[str, object]) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        filters: dict[str, Callable[..., Any]] = {
            "yuan": yuan_text,
            "day": day_text,
            "range": range_words,
            "short_range": short_range_words,
            "instant": instant_text,
            "period": period_words,
            **FILTERS,
        }
        self._environment.filters |= filters
        self._environment.globals |= words

    def fill(self, template: str, **values: object) -> str:
        """Return a page."""
        return self._environment.get_template(template).render(**values)
