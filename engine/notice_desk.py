"""What people do with the outbox: look, send again, settle what is in doubt, bring receipts, keep what is declined.

Each act carries who did it and why, and is recorded; nothing here opens the vault.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import RefusedError
from core.findings import Finding, Place
from core.ledger import NOTICE_CATEGORY, NoticeCategory
from core.remits import WHOLE, Remit
from core.roles import Role
from delivery.codes import DeliveryCode
from delivery.contacts import Contact
from delivery.manners import manners_of
from delivery.messages import Message, compose
from delivery.receipts import read_receipts
from engine.authority import authorised, look_at
from engine.deployment import Deployment
from engine.explaining.explain import subject_named
from store.audit import record
from store.codes import StoreCode
from store.faults import refused
from store.inbox import KeptItem, archive, mark_read, read_inbox, read_item
from store.notice_history import History, read_history
from store.notice_moves import decide_notice
from store.opening import Reading
from store.outbox import KeptNotice, count_notices, read_notices
from store.preferences import Preference, declined, read_preferences, record_preference
from store.receipts import Receipt, Settled, keep_receipts, settle_receipts
from store.states.notices import DoubtVerdict, NoticeState
from store.vault_openings import kind_of

QUEUE = (NoticeState.UNKNOWN, NoticeState.DEAD, NoticeState.UNDELIVERABLE, NoticeState.EXPIRED)
"""Where a message needs a person's eye."""


DESK = (Role.OPERATOR, Role.SUPERVISOR)
"""Who sends again, and settles what is in doubt."""

_CLERKS = (Role.STEWARD, Role.OFFICER, Role.PAYMASTER, Role.OPERATOR)  # whoever somebody talks to may write it down

_TARGETS = {
    DoubtVerdict.ARRIVED: NoticeState.ACCEPTED,
    DoubtVerdict.LOST: NoticeState.TEMP_FAILED,
    DoubtVerdict.GIVEN_UP: NoticeState.DEAD,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which messages are meant; None: any of the remit."""

    states: Collection[NoticeState] = tuple(NoticeState)
    channel: str | None = None
    subject: str | None = None
    policy: str | None = None
    remit: Remit = WHOLE

    @property
    def policies(self) -> Collection[str] | None:
        """Return the policies that are meant; None: all."""
        return self.remit.policies if self.policy is None else self.remit.within([self.policy])


@dataclass(frozen=True, slots=True)
class Shown:
    """One message, with its words as they would be written now, but for the recipient's name."""

    history: History
    category: NoticeCategory
    is_mandatory: bool
    message: Message


def list_notices(deployment: Deployment, choice: Choice, *, count_max: int) -> list[KeptNotice]:
    """Return messages, newest first.

    Fails: RunError where nobody goes by the id or number that the choice names.
    """
    with deployment.store.reading() as rx:
        subjects = None if choice.subject is None else [subject_named(rx, deployment, choice.subject)[0]]
        return read_notices(
            rx,
            subjects=subjects,
            channel=choice.channel,
            policies=choice.policies,
            states=choice.states,
            count_max=count_max,
        )


def count_by_state(deployment: Deployment, *, remit: Remit = WHOLE) -> dict[str, dict[str, int]]:
    """Return how many messages of a remit are in each state, by channel."""
    counts: dict[str, dict[str, int]] = {}
    with deployment.store.reading() as rx:
        for channel, state, count in count_notices(rx, by=("channel", "state"), remit=remit).iter_rows():
            counts.setdefault(channel, {})[state] = count
    return counts


def show_notice(deployment: Deployment, notice_id: str) -> Shown:
    """Return one message with everything that is known of it.

    Fails: RefusedError where there is none of this id; DeliveryError where it cannot be written.
    """
    with deployment.store.reading() as rx:
        history = read_history(rx, notice_id)
        if history is None:
            raise refused(StoreCode.UNKNOWN_NAME, notice_id, "there is no such message", "see `mianshen notices list`")
        unnamed = _unnamed(rx, deployment, history.kept.notice.subject_id)
    notice = history.kept.notice
    manners = manners_of(deployment.workspace.settings.notices)
    message = compose([notice], unnamed, deployment.templates)
    return Shown(history, NOTICE_CATEGORY[notice.kind], notice.kind in manners.mandatory_kinds, message)


def replay_notices(deployment: Deployment, notice_ids: Sequence[str], *, by: str, reason: str) -> int:
    """Put messages that were given up back into the queue, all of them or none; return how many.

    Each is sent as another try, under a new reference.
    Fails: RefusedError where one is not given up, or lies outside what somebody's roles take in.
    """
    for notice_id in dict.fromkeys(notice_ids):
        look_at(deployment, by, DESK, notice_id)
    with deployment.store.writing() as tx:
        for notice_id in dict.fromkeys(notice_ids):
            decide_notice(tx, notice_id, NoticeState.QUEUED, by=by, reason=reason)
    return len(set(notice_ids))


def resolve_notice(
    deployment: Deployment, notice_id: str, verdict: DoubtVerdict, *, by: str, reason: str
) -> NoticeState:
    """Say what became of a message in doubt; return its state.

    Fails: RefusedError where it is not in doubt, or lies outside what somebody's roles take in.
    """
    look_at(deployment, by, DESK, notice_id)
    target = _TARGETS[verdict]
    with deployment.store.writing() as tx:
        history = read_history(tx, notice_id)
        if history is not None and history.kept.state is not NoticeState.UNKNOWN:
            message = f"the message is `{history.kept.state.value}`, and so not in doubt"
            raise refused(StoreCode.WRONG_STATE, notice_id, message, "what was given up is sent again by `replay`")
        decide_notice(tx, notice_id, target, by=by, reason=reason)
    return target


def take_receipts(deployment: Deployment, path: Path, *, by: str) -> Settled:
    """Take in a file of receipts; the same file again, or receipts in another order, change nothing more.

    Fails: DeliveryError where a line is no receipt; then nothing of the file counts.
    """
    authorised(deployment, by, Role.OPERATOR)
    receipts = read_receipts(path)
    with deployment.store.writing() as tx:
        record(tx, "notices.receipts", by=by, about=path.name, said={"receipts": len(receipts)})
        new = keep_receipts(tx, receipts, source=path.name)
        return replace(settle_receipts(tx), new_count=len(new))


def hear_receipts(deployment: Deployment, receipts: Sequence[Receipt], *, channel: str) -> Settled:
    """Take in receipts that a channel's provider called with; what came before changes nothing and is said nowhere.

    Expects: the call is signed by the provider.
    """
    with deployment.store.writing() as tx:
        new = keep_receipts(tx, receipts, source=f"callback {channel}")
        if new:
            record(tx, "notices.receipts", by=channel, about="callback", said={"receipts": len(new)})
        return replace(settle_receipts(tx, among=new), new_count=len(new))


def decline(  # all by name; a word has this many parts
    deployment: Deployment, subject: str, category: NoticeCategory, *, is_wanted: bool, by: str, reason: str
) -> None:
    """Keep that a subject no longer wants a category of notices, or wants it again.

    Fails: RefusedError where the category is mandatory; RunError where nobody goes by that id or number.
    """
    authorised(deployment, by, _CLERKS)
    with deployment.store.reading() as rx:
        subject_id, _ = subject_named(rx, deployment, subject)
    choose(deployment, subject_id, category, is_wanted=is_wanted, by=by, reason=reason)


def choose(  # all by name; a word has this many parts
    deployment: Deployment, subject_id: str, category: NoticeCategory, *, is_wanted: bool, by: str, reason: str
) -> None:
    """Keep the same as the subject's own word, for which nobody needs a role.

    Fails: RefusedError where the category is mandatory.
    """
    if not is_wanted and category in deployment.workspace.settings.notices.mandatory:
        message = f"notices of category `{category.value}` are told in any case"
        remedy = "its recipient may lose a right by not hearing of it; other categories can be declined"
        raise RefusedError([Finding(DeliveryCode.NOT_TO_DECLINE, Place(category.value), message, remedy)])
    with deployment.store.writing() as tx:
        record_preference(tx, subject_id, category, is_wanted=is_wanted, by=by, reason=reason)


def preferences_of(deployment: Deployment, subject: str) -> list[Preference]:
    """Return every word of a subject on what it wants to be told.

    Fails: RunError where nobody goes by that id or number.
    """
    with deployment.store.reading() as rx:
        subject_id, _ = subject_named(rx, deployment, subject)
        return read_preferences(rx, [subject_id])


def wanted_by(deployment: Deployment, subject_id: str) -> dict[NoticeCategory, bool]:
    """Return which categories of notices a subject wants by now."""
    with deployment.store.reading() as rx:
        unwanted = declined(rx, [subject_id])
    return {category: (subject_id, category) not in unwanted for category in NoticeCategory}


def inbox_of(deployment: Deployment, subject: str) -> list[KeptItem]:
    """Return what is in a subject's inbox, newest first.

    Fails: RunError where nobody goes by that id or number.
    """
    with deployment.store.reading() as rx:
        subject_id, _ = subject_named(rx, deployment, subject)
        return read_inbox(rx, subject_id)


def open_item(deployment: Deployment, subject_id: str, notice_id: str) -> Message:
    """Return the words of an item of a subject's inbox, and keep that they were shown to it.

    Fails: RefusedError where the subject has no such item; DeliveryError where it cannot be written.
    """
    with deployment.store.writing() as tx:
        item = read_item(tx, subject_id, notice_id)
        message = compose([item.notice], _unnamed(tx, deployment, subject_id), deployment.templates)
        mark_read(tx, subject_id, notice_id, template_id=message.template_id, message_digest=message.digest)
    return message


def put_away(deployment: Deployment, subject_id: str, notice_id: str) -> None:
    """Put an item of a subject's inbox away.

    Fails: RefusedError where the subject has no such item.
    """
    with deployment.store.writing() as tx:
        archive(tx, subject_id, notice_id)


def _unnamed(rx: Reading, deployment: Deployment, subject_id: str) -> Contact:
    """Return whom a letter greets that is shown and not sent: nobody's name is looked up for it."""
    return Contact("", is_person=kind_of(rx, subject_id) not in deployment.book("notices").public_kinds)
