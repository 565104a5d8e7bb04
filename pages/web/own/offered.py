"""What a subject may do about a policy at this moment, so that a page shows no form that would be refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.ledger import ActKind, GrantState
from engine.explaining.checkup import PolicyCheckup
from engine.lanes.questions import asked_fact, question_words
from engine.night import NightPolicy
from profiles.catalogue import Attribute
from rules.before_money import Step, steps_of
from store.grants import leads_to, read_acts
from store.merges import same_subject
from store.opening import Reading
from store.questions import open_questions

DONE: Final[Mapping[str, str]] = {
    "confirm": "已确认。今晚核算，之后按发放日拨付，并会告知您。",
    "decline": "已记下：不申领。以后想要，可以要求重新告知。",
    "again": "已重新告知，请在期限内确认。",
    "waive": "已记下：自愿放弃，自下月起不再发放。可以随时撤回。",
    "revoke": "已撤回放弃，自本月起恢复。",
    "answer": "已收到您的答复，今晚重新比对。",
    "dispute": "已登记数据更正请求，由责任部门核查，结果会告知您。",
    "appeal": "已登记您的异议，处理结果会告知您。",
}
"""What a page says after a deed, by its name."""

_WAITING = frozenset({GrantState.PROPOSED, GrantState.OFFERED, GrantState.ASKED})
_AGAIN = frozenset({GrantState.DECLINED, GrantState.LAPSED})
_RECEIVES = frozenset({GrantState.ACTIVE, GrantState.HELD})
_WAIVERS = frozenset({ActKind.WAIVE, ActKind.REVOKE_WAIVER})


@dataclass(frozen=True, slots=True)
class OpenDeeds:
    """What may be done with one grant: of the subject itself, or for one of its events.

    `takes_account`: money is paid, and one may say where to; `needs_account`: nobody has said so yet, and the rule asks.
    """

    grant_id: str
    event: str
    names: tuple[str, ...]
    takes_account: bool
    needs_account: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """What may be done about one policy, and the question that waits for an answer."""

    grants: tuple[OpenDeeds, ...]
    asked: Attribute | None
    question: str


def offered(rx: Reading, policy: NightPolicy, checkup: PolicyCheckup, subject_id: str) -> Offered:
    """Return what a subject may do about a policy."""
    grants = tuple(_of_grant(rx, policy, each) for each in (checkup, *checkup.events) if each.grant_id is not None)
    fact = asked_fact(policy)
    is_asked = False
    if fact is not None:
        waiting = open_questions(rx, same_subject(rx, subject_id), policy=checkup.policy)
        is_asked = fact.code in waiting["fact"]
    asked = fact if is_asked else None
    return Offered(grants, asked, question_words(asked) if asked else "")


def _of_grant(rx: Reading, policy: NightPolicy, checkup: PolicyCheckup) -> OpenDeeds:
    assert checkup.grant_id is not None
    assert checkup.grant is not None
    acts = [act.kind for act in read_acts(rx, grants=[checkup.grant_id])]
    waivers = [kind for kind in acts if kind in _WAIVERS]
    is_waived = bool(waivers) and waivers[-1] is ActKind.WAIVE
    is_asked = Step.ANSWER in steps_of(policy.current.written)
    confirmation = policy.terms.confirmation
    return OpenDeeds(
        checkup.grant_id,
        checkup.event,
        tuple(_names(checkup, is_asked=is_asked, is_waived=is_waived)),
        takes_account=policy.pays,
        needs_account=confirmation is not None and confirmation.needs_account and ActKind.CONFIRM not in acts,
    )


def _names(checkup: PolicyCheckup, *, is_asked: bool, is_waived: bool) -> list[str]:
    state = checkup.grant
    assert state is not None
    may_confirm = is_asked and not checkup.is_suspended
    is_told = {
        "confirm": may_confirm and state in _WAITING,
        "account": may_confirm and state not in _WAITING and state not in _AGAIN and not is_waived
        and leads_to(ActKind.CONFIRM, state) is not None,
        "again": may_confirm and state in _AGAIN,
        "decline": leads_to(ActKind.DECLINE, state) is not None,
        "revoke": is_waived,
        "waive": not is_waived and state in _RECEIVES,
    }  # fmt: skip
    return [name for name, holds in is_told.items() if holds]
