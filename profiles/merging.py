"""Subjects found to be one: which id each former id goes by.

The vault decides who is one subject; here its decisions are only followed.
"""

from collections.abc import Iterable

from core.loads import Merge


def present_ids(merges: Iterable[Merge]) -> dict[str, str]:
    """Return, for each id that is no longer used, the id that stands for it.

    Merges are followed in the order in which they were made, and through each other: after A is B and
    A is C, all three are C. A merge of two ids that are one already says nothing new.
    """
    stands_for: dict[str, str] = {}

    def present(subject_id: str) -> str:
        while subject_id in stands_for:
            subject_id = stands_for[subject_id]
        return subject_id

    for merge in sorted(merges, key=lambda merge: (merge.at, merge.from_id, merge.to_id)):
        former, kept = present(merge.from_id), present(merge.to_id)
        if former != kept:
            stands_for[former] = kept
    return {former: present(former) for former in stands_for}
