"""Asks for what takes longer than a page: an errand, which is carried out beside the pages, and whose own page is shown."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from engine.claims import is_dead
from pages.web.visits import Visit
from store.audit_chain import JSON
from store.errands import Errand, ask_errand, newest_done
from store.states.errands import ErrandKind

PLACE: Final = "/console/errands"


def ask(visit: Visit, kind: ErrandKind, wanted: Mapping[str, JSON]) -> Response:
    """Ask for an errand, or find the one that was asked for already, and lead to its page."""
    with visit.deployment.store.writing() as tx:
        errand = ask_errand(tx, kind, wanted, by=visit.by, is_dead=is_dead)
    return visit.go(f"{PLACE}/{errand.errand_id}")


def answer(visit: Visit, kind: ErrandKind, wanted: Mapping[str, JSON]) -> Errand | None:
    """Return the newest errand that was done for what is wanted, or None."""
    with visit.deployment.store.reading() as rx:
        return newest_done(rx, kind, wanted)
