"""公示: a masked list stands in public for so many working days; a signed objection holds its line until it is decided.

What stands on it is made of masked words only (`delivery.masked`). Who objects, and in which words, is in the vault.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from core.clock import civil_day
from core.days import add_days
from core.errors import RefusedError, RunError
from core.findings import nearest_help
from core.ids import derive_id
from core.ledger import ActKind, Grant, GrantState, NoticeKind
from core.remits import WHOLE, Remit
from core.roles import Role
from core.settings import SettingsCode
from delivery.identities import Identity
from delivery.masked import PublicPerson
from delivery.notice_values import contact_of, policy_values
from delivery.notices import Telling, plan_notices
from delivery.period_words import day_words
from delivery.public_list import PublicListLine, PublicListPage, render_html, render_workbook
from engine.authority import authorised
from engine.deployment import Deployment
from engine.lanes.acting import MAY_RECORD, Deed, act_on_all, policy_named
from engine.lanes.codes import LaneCode
from engine.lanes.lists import amounts_on_date
from engine.night import NightPolicy
from profiles.identity import LoadRef
from rules.before_money import Step, steps_of
from store import publicity as kept
from store.grants import grants_of, leads_to, read_grants
from store.opening import Reading, Writing
from store.publicity import ListRecord, ObjectionRecord
from store.states.lanes import ObjectionState
from store.vault import StoredVault
from store.vault_openings import kinds_of

_OBJECTOR = ("objector", "objector_contact", "objection")  # fields of the vault, under the objection's id


@dataclass(frozen=True, slots=True)
class OpenedList:
    """A public list with the files that show it."""

    record: ListRecord
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Objecting:
    """Who objects, how to reach them, and what they say; all of it goes to the vault."""

    name: str = field(repr=False)
    contact: str = field(repr=False)
    words: str = field(repr=False)
    by: str = ""  # who receives it


def open_publicity(deployment: Deployment, policy: str, folder: Path, *, by: str) -> OpenedList:
    """Put everyone who waits for it on a public list, and write its page and its workbook; they are told where and how long.

    Fails: RefusedError where the rule asks for no publicity, or nobody waits for it; RunError where the folder may not
           be written.
    """
    authorised(deployment, by, MAY_RECORD, policy)
    with deployment.store.writing() as tx:
        named = policy_named(tx, deployment, policy)
        grants = _waiting(tx, named)
        publicity = named.terms.publicity
        assert publicity is not None
        on = civil_day(tx.now)
        record = ListRecord(
            list_id=derive_id("pl", policy, tx.now.isoformat()),
            policy=policy,
            opened_on=on,
            through=deployment.calendar.nth(add_days(on, 1), publicity.working_days),
            working_days=publicity.working_days,
            line_count=len(grants),
            opened_by=by,
            opened_at=tx.now,
        )
        act_on_all(tx, deployment, named, grants, Deed(ActKind.PUBLICISE, by, on))
        kept.add_list(tx, record, [each.grant_id for each in grants])
        amounts = amounts_on_date(tx, deployment, policy)
        kinds = dict(kinds_of(tx, (each.subject_id for each in grants)).iter_rows())
        _tell(tx, deployment, named, grants, record)
    return OpenedList(record, _written(deployment, named, record, _Shown(grants, amounts, kinds), folder, by=by))


@dataclass(frozen=True, slots=True)
class _Shown:
    """Who stands on a list, with what, and of which kinds they are."""

    grants: Sequence[Grant]
    amounts: Mapping[str, int | None]
    kinds: Mapping[str, str]


def _written(  # all of it is what a page shows
    deployment: Deployment, policy: NightPolicy, record: ListRecord, shown: _Shown, folder: Path, *, by: str
) -> tuple[Path, ...]:
    """Open who stands on a list, mask them, and write its files; the opening is recorded."""
    known = deployment.book(by).identities([each.subject_id for each in shown.grants], why="publicity")
    lines = [
        PublicListLine(
            PublicPerson.of(known.get(each.subject_id, Identity()), shown.kinds[each.subject_id]),
            shown.amounts.get(each.event or each.subject_id),
        )
        for each in shown.grants
    ]
    return _write(folder, page_of(policy, record, lines))


def page_of(policy: NightPolicy, record: ListRecord, lines: Sequence[PublicListLine]) -> PublicListPage:
    """Return what a public list says."""
    written = policy.current.written
    return PublicListPage(
        list_id=record.list_id,
        title=written.title,
        owner=written.owner,
        contact=contact_of(written),
        basis=[each.doc for each in written.basis],
        opened_on=record.opened_on,
        through=record.through,
        working_days=record.working_days,
        lines=lines,
    )


def _waiting(rx: Reading, policy: NightPolicy) -> list[Grant]:
    steps = steps_of(policy.current.written)
    if Step.PUBLICITY not in steps:
        message = f"the rule of `{policy.policy}` asks for no publicity"
        remedy = "a version with `terms: {publicity: {working_days: 5}}` asks for it"
        raise RefusedError.one(LaneCode.NOT_ASKED_FOR, policy.policy, message, remedy)
    last = next((step for step in reversed(steps) if step is not Step.PUBLICITY), None)
    before = {
        Step.CHECK: {GrantState.CHECKED},
        Step.ANSWER: {GrantState.CONFIRMED, GrantState.ANSWERED},
        None: {GrantState.PROPOSED},
    }[last]
    assert all(leads_to(ActKind.PUBLICISE, state) is GrantState.PUBLICISED for state in before)
    found = read_grants(rx, policy=policy.policy).filter(pl.col("state").is_in([state.value for state in before]))
    listed = {
        grant_id
        for each in kept.read_lists(rx, policy=policy.policy)
        if each.closed_on is None
        for grant_id in kept.lines_of(rx, [each.list_id])[each.list_id]
    }
    grants = [each for each in grants_of(found) if each.grant_id not in listed]
    if not grants:
        message = f"nobody under `{policy.policy}` waits to be put on a public list"
        raise RefusedError.one(LaneCode.NOTHING_WAITS, policy.policy, message, "see `mianshen lists show`")
    return grants


def _tell(
    tx: Writing, deployment: Deployment, policy: NightPolicy, grants: Sequence[Grant], record: ListRecord
) -> None:
    values = {
        **policy_values(policy.current.written),
        "where": f"{policy.current.written.owner}公示名单 {record.list_id}",
        "through": day_words(record.through),
    }
    tellings = [
        Telling(
            NoticeKind.PUBLICISED, each.subject_id, each.policy, f"publicity {record.list_id}", record.opened_on, values
        )
        for each in grants
    ]
    plan_notices(tx, deployment.routes, tellings)


def _write(folder: Path, page: PublicListPage) -> tuple[Path, ...]:
    files = {folder / f"{page.list_id}.html": render_html(page), folder / f"{page.list_id}.xlsx": render_workbook(page)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, data in files.items():
            path.write_bytes(data)
    except OSError as fault:
        message = f"the public list cannot be written: {(fault.strerror or 'unknown reason').lower()}"
        help_line = f"name a folder that may be written: `mianshen publicity write {page.list_id} --out DIR`"
        raise RunError.one(SettingsCode.NO_ACCESS, folder.name, message, help_line) from fault
    return tuple(files)


def write_again(deployment: Deployment, list_id: str, folder: Path, *, by: str) -> OpenedList:
    """Write the files of a public list once more; the same lines, with amounts as the last night has them."""
    with deployment.store.reading() as rx:
        record = _list_named(rx, list_id)
        named = policy_named(rx, deployment, record.policy)
        grants = _grants_on(rx, record)
        amounts = amounts_on_date(rx, deployment, record.policy)
        kinds = dict(kinds_of(rx, (each.subject_id for each in grants)).iter_rows())
    authorised(deployment, by, MAY_RECORD, record.policy)
    return OpenedList(record, _written(deployment, named, record, _Shown(grants, amounts, kinds), folder, by=by))


def object_to(deployment: Deployment, list_id: str, line: int, how: Objecting) -> ObjectionRecord:
    """Receive a signed objection to a line of an open list; it is held until the objection is decided.

    Fails: RefusedError where nobody signs, where nothing is said, where the list is closed, or has no such line.
    """
    if not how.name.strip() or not how.contact.strip():
        message = "an objection is signed: nobody could be asked about an anonymous one, nor answered"
        raise RefusedError.one(
            LaneCode.ANONYMOUS, "--name", message, "give name and telephone or address; both are sealed"
        )
    if not how.words.strip():
        message = "an objection says what is wrong"
        raise RefusedError.one(
            LaneCode.NO_REASON, "--words", message, "say what is wrong, and how it is known; it is sealed"
        )
    with deployment.store.reading() as rx:
        policy = _list_named(rx, list_id).policy
    authorised(deployment, how.by, MAY_RECORD, policy)
    with deployment.store.writing() as tx:
        record = _list_named(tx, list_id)
        if record.closed_on is not None:
            message = f"the list was closed on {record.closed_on}"
            raise RefusedError.one(
                LaneCode.NOT_NOW, list_id, message, "what was paid wrongly is a case: `mianshen cases`"
            )
        grants = _grants_on(tx, record)
        if not 1 <= line <= len(grants):
            message = f"the list has lines from 1 to {len(grants)}, found {line}"
            raise RefusedError.one(LaneCode.NO_GRANT, list_id, message, "give the number in front of the line")
        grant, on = grants[line - 1], civil_day(tx.now)
        made = ObjectionRecord(
            objection_id=derive_id("ob", list_id, grant.grant_id, tx.now.isoformat()),
            list_id=list_id,
            grant_id=grant.grant_id,
            state=ObjectionState.OPEN,
            received_on=on,
            received_by=how.by,
            received_at=tx.now,
        )
        named = policy_named(tx, deployment, record.policy)
        act_on_all(tx, deployment, named, [grant], Deed(ActKind.OBJECT, how.by, on))
        kept.add_objection(tx, made)
        said = dict(zip(_OBJECTOR, (how.name.strip(), how.contact.strip(), how.words.strip()), strict=True))
        rows = [(made.objection_id, name, value) for name, value in said.items()]
        fields = pl.DataFrame(rows, schema=["subject_id", "field", "value"], orient="row")
        entry = LoadRef(made.objection_id, "act:objection")
        StoredVault(tx, deployment.seals).keep("", fields, load=entry, loaded_at=tx.now)
    return made


def decide(deployment: Deployment, objection_id: str, *, is_upheld: bool, by: str, reason: str) -> ObjectionRecord:
    """Decide an objection, with a reason; by somebody else than who received it. An upheld one strikes the line.

    A dismissed one sets the line free once no other is open: it waits for the end of its list, or, where that is over, is
    through.
    Fails: RefusedError where there is no such open objection, where the same person received it, or without a reason.
    """
    with deployment.store.reading() as rx:
        policies = [
            _list_named(rx, each.list_id).policy for each in kept.read_objections(rx, objection_id=objection_id)
        ]
    authorised(deployment, by, Role.APPROVER, policies)
    with deployment.store.writing() as tx:
        known = kept.read_objections(tx, objection_id=objection_id)
        if not known or known[0].state is not ObjectionState.OPEN:
            message = "there is no such objection" if not known else f"it was decided on {known[0].decided_on}"
            raise RefusedError.one(LaneCode.NOTHING_WAITS, "objection", message, "see `mianshen publicity list`")
        objection = known[0]
        if objection.received_by == by:
            message = f"{by} received the objection"
            raise RefusedError.one(LaneCode.OWN_DECISION, "objection", message, "another person decides it")
        if not reason.strip():
            message = "an objection is decided with a reason"
            raise RefusedError.one(LaneCode.NO_REASON, "--reason", message, "say why; it is kept with the decision")
        on = civil_day(tx.now)
        state = ObjectionState.UPHELD if is_upheld else ObjectionState.DISMISSED
        kept.decide_objection(tx, objection_id, state, on=on, by=by, reason=reason)
        _move(tx, deployment, objection, Deed(ActKind.UPHOLD if is_upheld else ActKind.DISMISS, by, on, reason))
        return kept.read_objections(tx, objection_id=objection_id)[0]


def _move(tx: Writing, deployment: Deployment, objection: ObjectionRecord, deed: Deed) -> None:
    """Move the line as the decision says: struck at once, or free once no other objection is open."""
    record = _list_named(tx, objection.list_id)
    others = [
        each.state
        for each in kept.read_objections(tx, list_id=objection.list_id)
        if each.grant_id == objection.grant_id and each.objection_id != objection.objection_id
    ]
    if ObjectionState.UPHELD in others:
        return  # struck already
    if deed.kind is ActKind.DISMISS and ObjectionState.OPEN in others:
        return
    named = policy_named(tx, deployment, record.policy)
    act_on_all(tx, deployment, named, _by_id(tx, record, [objection.grant_id]), deed)
    if deed.kind is ActKind.DISMISS and record.closed_on is not None:
        free = _by_id(tx, record, [objection.grant_id])
        act_on_all(tx, deployment, named, free, Deed(ActKind.CLEAR, deed.by, deed.on))


def close_publicity(deployment: Deployment, list_id: str, *, by: str) -> tuple[int, int]:
    """Close a list after its last day; return how many lines are through, and how many wait for a decision.

    Fails: RefusedError where it is closed already, or its last day is not over.
    """
    with deployment.store.reading() as rx:
        policy = _list_named(rx, list_id).policy
    authorised(deployment, by, MAY_RECORD, policy)
    with deployment.store.writing() as tx:
        record, on = _list_named(tx, list_id), civil_day(tx.now)
        if record.closed_on is not None:
            message = f"the list was closed on {record.closed_on}"
            raise RefusedError.one(LaneCode.NOT_NOW, list_id, message, "see `mianshen publicity list`")
        if on <= record.through:
            message = f"the list stands through {record.through}"
            raise RefusedError.one(LaneCode.BAD_DAY, list_id, message, "close it on a later day")
        named = policy_named(tx, deployment, record.policy)
        grants = _grants_on(tx, record)
        free = [each for each in grants if leads_to(ActKind.CLEAR, each.state) is not None]
        act_on_all(tx, deployment, named, free, Deed(ActKind.CLEAR, by, on))
        kept.close_list(tx, list_id, on=on, by=by)
    return len(free), sum(each.state is GrantState.OBJECTED for each in grants)


def _list_named(rx: Reading, list_id: str) -> ListRecord:
    lists = {each.list_id: each for each in kept.read_lists(rx)}
    if list_id not in lists:
        remedy = nearest_help(list_id, lists, "list") or "see `mianshen publicity list`"
        raise RefusedError.one(LaneCode.NO_GRANT, list_id, "no public list has this id", remedy)
    return lists[list_id]


def _grants_on(rx: Reading, record: ListRecord) -> list[Grant]:
    return _by_id(rx, record, kept.lines_of(rx, [record.list_id])[record.list_id])


def _by_id(rx: Reading, record: ListRecord, wanted: Sequence[str]) -> list[Grant]:
    found = {each.grant_id: each for each in grants_of(read_grants(rx, policy=record.policy))}
    return [found[grant_id] for grant_id in wanted]


@dataclass(frozen=True, slots=True)
class ListState:
    """A public list as it stands: how many objections were ever received, and how many are open."""

    record: ListRecord
    objections: tuple[ObjectionRecord, ...]

    @property
    def open_count(self) -> int:
        """Return how many objections wait for a decision."""
        return sum(each.state is ObjectionState.OPEN for each in self.objections)

    def is_over(self, on: dt.date) -> bool:
        """Say whether its last day has passed and nobody has closed it."""
        return self.record.closed_on is None and self.record.through < on


def public_lists(rx: Reading, *, policy: str | None = None, remit: Remit = WHOLE) -> list[ListState]:
    """Return the public lists of a remit, oldest first."""
    objections = kept.read_objections(rx)
    return [
        ListState(each, tuple(one for one in objections if one.list_id == each.list_id))
        for each in kept.read_lists(rx, policy=policy)
        if remit.covers(each.policy)
    ]
