"""Whether what a request names lies within the remit of who asks: in its address and in every field of its form.

What lies outside looks like what is not there; that somebody asked for it is on the audit chain, as the engine refuses it.
"""

from collections.abc import Iterator
from typing import Final

from starlette.datastructures import UploadFile

from core.roles import Role
from engine.authority import beyond, record_beyond
from pages.web.routes import For, Route
from pages.web.visits import Visit, missing
from store.belonging import OF_NONE, policies_named
from store.opening import Reading

NAMING: Final = frozenset(
    {
        "policy",
        "pattern",
        "batch",
        "case",
        "others",
        "grievance",
        "list",
        "decision",
        "suspicion",
        "grant",
        "objection",
        "notice",
    }
)
"""Parts of addresses and fields of forms that name a policy, or a thing of one: what they name has to be there."""

_LONGEST: Final = 100  # of a word that can name anything; a draft's text names nothing


def refuse_beyond(visit: Visit, route: Route) -> None:
    """Refuse a request that names what lies outside the remit, as if it were not there.

    Fails: HTTPException for an address, RefusedError for a form, so that what was typed is still in the browser.
    """
    if route.whom is not For.OFFICER or visit.remit.is_whole:
        return
    with visit.deployment.store.reading() as rx:
        beyond_remit = [
            (name, word, found) for name, word in _words(visit) if (found := _owners(rx, visit, name, word))
        ]
    for owners in (found for _, _, found in beyond_remit):
        record_beyond(visit.deployment, visit.by, route.roles or frozenset(Role), owners)
    for name, word, _ in beyond_remit:
        if name in visit.request.path_params:
            raise missing()
        raise beyond(visit.by, word)


def _words(visit: Visit) -> Iterator[tuple[str, str]]:
    """Give what may name something, with its place: every word of fields that name things, and others of one word."""
    named = [(name, value) for name, value in visit.request.path_params.items() if name in NAMING]
    for name, value in (*named, *visit.form.multi_items()):
        words = [] if isinstance(value, UploadFile) else str(value).replace("\x00", "").split()
        if name in NAMING or (len(words) == 1 and len(words[0]) <= _LONGEST):
            # A line of a bank's file is written as the file's id, a colon and its number.
            yield from ((name, word.partition(":")[0]) for word in words)


def _owners(rx: Reading, visit: Visit, name: str, word: str) -> frozenset[str]:
    """Return whose a thing is that lies outside; nothing where it lies within, or is nobody's business."""
    if visit.remit.covers(word):
        return frozenset()
    owners = policies_named(rx, word)
    if owners:
        return frozenset() if visit.remit.covers(*owners) else owners
    return frozenset({OF_NONE}) if name in NAMING else frozenset()
