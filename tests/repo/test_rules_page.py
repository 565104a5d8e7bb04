"""docs/rules.md: every word that a rule file may have is on the page."""

import re
from typing import Any, get_args

import pytest

from core.strict_yaml import Written
from rules.version import WrittenVersion
from tests.repo.repository import ROOT

PAGE = (ROOT / "docs" / "rules.md").read_text("utf-8")
WORDS = set(re.findall(r"[a-z_]+", PAGE))


def models_below(model: type[Written]) -> set[type[Written]]:
    """Return a model and every model that its fields mention."""

    def within(annotation: Any) -> set[type[Written]]:  # noqa: ANN401  # any annotation
        own = models_below(annotation) if isinstance(annotation, type) and issubclass(annotation, Written) else set()
        return own.union(*(within(each) for each in get_args(annotation)))

    return {model}.union(*(within(field.annotation) for field in model.model_fields.values()))


def name_of(model: type[Written]) -> str:
    """Return what a model is called."""
    return model.__name__


MODELS = sorted(models_below(WrittenVersion), key=name_of)


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_every_word_of_a_rule_file_is_told(model: type[Written]) -> None:
    """Whoever adds a field to the models adds a word about it."""
    written = {field.alias or name for name, field in model.model_fields.items()} - {"line", "__line__"}

    assert {name for name in written if name not in WORDS and not name.startswith("_")} == set()
