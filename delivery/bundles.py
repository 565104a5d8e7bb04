"""Which notices that are sent now travel in one message: what one night opens for somebody, and digests."""

from collections.abc import Collection, Iterable

from core.ledger import NOTICE_CATEGORY, NoticeCategory, NoticeKind
from store.attempts import Attempt

OPENING = frozenset({NoticeKind.STARTED, NoticeKind.OFFERED, NoticeKind.ASKED, NoticeKind.INFORMED})
"""What an event in somebody's life opens, a birth or a new firm: told together, over any channel."""

_KINDS = tuple(NoticeKind)
TOGETHER_MAX = 10  # parts of one message; who has more to read gets another


def bundles(
    attempts: Iterable[Attempt], *, is_digest: bool, mandatory: Collection[NoticeCategory]
) -> list[list[Attempt]]:
    """Return attempts by the message that carries them, in order.

    What one event opens for a subject goes together; with `is_digest`, everything for a subject does, but for what is
    mandatory: a decision is a letter of its own.
    """
    found: dict[tuple[str, ...], list[Attempt]] = {}
    for attempt in attempts:
        found.setdefault(_key(attempt, is_digest=is_digest, mandatory=mandatory), []).append(attempt)
    return [
        whole[start : start + TOGETHER_MAX]
        for whole in (sorted(bundle, key=_place) for bundle in found.values())
        for start in range(0, len(whole), TOGETHER_MAX)
    ]


def _place(attempt: Attempt) -> tuple[int, str, str]:
    """Return where a notice stands in its message: the same for everybody who is told the same."""
    notice = attempt.notice
    return _KINDS.index(notice.kind), notice.policy, notice.notice_id


def _key(attempt: Attempt, *, is_digest: bool, mandatory: Collection[NoticeCategory]) -> tuple[str, ...]:
    notice = attempt.notice
    if NOTICE_CATEGORY[notice.kind] in mandatory:
        return (notice.notice_id,)
    if is_digest:
        return notice.subject_id, ""
    return (notice.subject_id, notice.event) if notice.kind in OPENING else (notice.notice_id,)
