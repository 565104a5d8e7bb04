"""What a subject may do about a policy at this moment: a call for anything else would be refused."""

from engine.explaining.checkup import PolicyCheckup
from engine.explaining.examine import Viewpoint
from pages.api.forms import Said
from pages.web.own.offered import offered
from profiles.catalogue import Attribute
from store.opening import Reading


class OpenGrant(Said):
    """What may be done with one grant: of the subject itself, or for one of its events.

    `deeds` are confirm, account (another one to pay to), decline, again, waive and revoke. `takes_account`: one may say where to
    pay; `needs_account`: nobody has said so yet, and the rule asks.
    """

    grant: str
    event: str
    deeds: list[str]
    takes_account: bool
    needs_account: bool


class Question(Said):
    """The one question that is open: in words, with the answers that there are where they are listed."""

    words: str
    label: str
    type: str
    unit: str | None
    answers: list[str]


class Offer(Said):
    """What may be done about a policy, and the question that waits."""

    grants: list[OpenGrant]
    question: Question | None


def offer_of(rx: Reading, viewpoint: Viewpoint, found: PolicyCheckup, subject_id: str) -> Offer:
    """Return what a subject may do about a policy, as its own page offers it."""
    policy = next(each for each in viewpoint.policies if each.policy == found.policy)
    may = offered(rx, policy, found, subject_id)
    grants = [
        OpenGrant(
            grant=each.grant_id,
            event=each.event,
            deeds=list(each.names),
            takes_account=each.takes_account,
            needs_account=each.needs_account,
        )
        for each in may.grants
    ]
    return Offer(grants=grants, question=None if may.asked is None else _question(may.asked, may.question))


def _question(fact: Attribute, words: str) -> Question:
    answers = list(fact.values) or (["是", "否"] if fact.type.value == "bool" else [])
    return Question(words=words, label=fact.label, type=fact.type.value, unit=fact.unit, answers=answers)
