"""Who wrote the text of a draft: nobody who did approves it, whoever plans and submits it."""

from core.ids import text_digest
from store.audit import last_entries, record
from store.opening import Reading, Writing

_WRITTEN = "version.written"
_ENTRIES_MAX = 10_000  # of one version; more people than that wrote none


def record_writer(tx: Writing, policy: str, version: int, text: str, *, by: str) -> None:
    """Keep that somebody wrote a version's text."""
    record(tx, _WRITTEN, by=by, about=_about(policy, version), said={"text": text_digest(text)})


def writers_of(rx: Reading, policy: str, version: int) -> frozenset[str]:
    """Return everybody who ever wrote in a version's text, as far as the pages know."""
    entries = last_entries(rx, _ENTRIES_MAX, about=_about(policy, version), event=_WRITTEN)
    return frozenset(each.done_by for each in entries)


def _about(policy: str, version: int) -> str:
    return f"{policy}/{version}"
