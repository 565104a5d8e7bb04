"""What was said under the ids of one subject as one story: acts on merged grants, under the grant that stands.

Nothing is rewritten: an act stays with the grant on which it was recorded, so that without the merge every word is with
the id under which it was said. Before two ids were one, what a night concluded of one said nothing of the other.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.grant_steps import GRANT_STEPS
from core.ledger import Act, ActKind
from core.loads import Merge
from engine.night import BY
from profiles.merging import present_ids

_AFTERWARDS = frozenset({ActKind.WAIVE, ActKind.REVOKE_WAIVER})
_STEPS = GRANT_STEPS.keys() - _AFTERWARDS
_ANEW = frozenset({ActKind.WITHDRAW, ActKind.RESTORE})
_SUSPICIONS = frozenset(
    {ActKind.SUSPECT_RENUMBERING, ActKind.CONFIRM_IDENTITY}
)  # of one number, which the merge answers
_ANSWERS = frozenset({ActKind.CONFIRM, ActKind.ANSWER, ActKind.DECLINE})  # silence is none
_ASKING = frozenset({ActKind.OFFER, ActKind.ASK})

_IsOne = Callable[[Act, Act], bool]


@dataclass(frozen=True, slots=True)
class Former:
    """A grant as it was written, and the one that stands for it and those it was merged with: perhaps itself."""

    subject_id: str
    event: str
    stands: str


def followed(acts: Iterable[Act], formers: Mapping[str, Former], merges: Sequence[Merge]) -> tuple[Act, ...]:
    """Return acts under the grants that stand, those of each in the order they were recorded.

    `formers` are all grants of merged subjects, by id; the acts on others stay as they are.
    """
    alone, together = list[Act](), dict[str, list[Act]]()
    for act in acts:
        former = formers.get(act.grant_id)
        if former is None:
            alone.append(act)
        else:
            together.setdefault(former.stands, []).append(act)
    stories = [
        replace(act, grant_id=stands)
        for stands, own in together.items()
        for act in _one_story(own, stands, _one_by(formers, merges))
    ]
    return tuple(sorted([*alone, *stories], key=lambda act: act.grant_id))


def _one_by(formers: Mapping[str, Former], merges: Sequence[Merge]) -> _IsOne:
    """Return what says whether the grants of two acts were known to be one when the later act was recorded."""

    def is_one(earlier: Act, later: Act) -> bool:
        if earlier.grant_id == later.grant_id:
            return True
        known = present_ids(merge for merge in merges if merge.at <= later.recorded_at)
        one, other = formers[earlier.grant_id], formers[later.grant_id]
        return all(
            known.get(first, first) == known.get(second, second)
            for first, second in ((one.subject_id, other.subject_id), (one.event, other.event))
        )

    return is_one


def _one_story(acts: Iterable[Act], stands: str, is_one: _IsOne) -> list[Act]:
    """Return what counts of the acts on grants that are one by now.

    What began anew under one id does so for that id alone; and a night that asked under one id does not undo that the
    subject had declined under another. A later yes does.
    """
    story = list[Act]()
    for act in sorted(acts, key=lambda act: act.recorded_at):
        if act.kind in _ANEW:
            story = [each for each in story if each.kind not in _STEPS or not is_one(each, act)]
        elif act.kind not in _SUSPICIONS or act.grant_id == stands:
            story.append(act)
    answers = [place for place, act in enumerate(story) if act.kind in _ANSWERS]
    if not answers or story[answers[-1]].kind is not ActKind.DECLINE:
        return story
    through = answers[-1] + 1
    no = story[through - 1]
    return [*story[:through], *(act for act in story[through:] if not _only_asks(act) or is_one(no, act))]


def _only_asks(act: Act) -> bool:
    return act.kind in _ASKING and act.by == BY
