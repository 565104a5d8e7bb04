"""What if: some of one's own figures as they might be, and what every policy would then say; nothing of it is kept."""

from typing import Final

from starlette.responses import Response

from engine.explaining.explain import viewpoint_on
from engine.explaining.state_words import OUTCOME_WORDS
from engine.explaining.trying import Trial, try_out
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit, missing
from store.vault_openings import kind_of

PLACE: Final = "/try"
FIELD: Final = "fact-"
"""What the names of the form's fields begin with; the rest is a fact's code."""


def routes() -> list[Route]:
    """Return the routes; a trial is asked by a form, so that nobody's figures stand in an address."""
    return [page(PLACE, ask, For.SUBJECT), deed(PLACE, ask, For.SUBJECT)]


def ask(visit: Visit) -> Response:
    """Show one's own figures, and, with some of them replaced, what changes."""
    typed = {name.removeprefix(FIELD): visit.given(name) for name in visit.form if name.startswith(FIELD)}
    trial = _trial(visit, typed)
    return visit.page(
        "own/try.html",
        trial=trial,
        typed={code: words for code, words in typed.items() if words},
        outcomes=visit.words.table(OUTCOME_WORDS),
    )


def _trial(visit: Visit, typed: dict[str, str]) -> Trial:
    with visit.deployment.store.reading() as rx:
        kind = kind_of(rx, visit.subject_id)
        if kind is None:
            raise missing()
        viewpoint = viewpoint_on(rx, visit.deployment, None)
        return try_out(viewpoint, kind=kind, subject_id=visit.subject_id, typed=typed)
