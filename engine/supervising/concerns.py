"""The one list of the supervision: everything that waits for somebody, with its department, its people and its clock."""

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from core.clock import civil_day
from core.days import add_days
from core.ledger import ItemState
from core.remits import WHOLE, Remit
from core.roles import Role
from engine.deployment import Deployment
from engine.grievances.views import list_grievances
from engine.grievances.words import KIND_WORDS, STATE_WORDS
from engine.night import JOB
from engine.supervising.limits import Limits, Matter, Standing, read_limits
from engine.supervising.looking import EVERY_POLICY, Look, looking
from profiles.state import Freshness, ResourceState, load_state
from store.activation_steps import read_activations
from store.cases import read_cases
from store.loads import read_loads
from store.proposals import pending_policies, pending_proposal
from store.reconciling import exceptions_of
from store.runs import runs_of
from store.samples import unjudged
from store.states.cases import CaseState
from store.states.nights import RunState
from store.states.paying import BEFORE_EXPORT, BatchState
from store.supervising import stuck_notices, waiting_batches, waiting_items

FORMAT_VERSION = 1  # of the JSON form; readers may rely on its keys
BANK = "代发银行"
OPERATIONS = "运维"  # who runs the nights; no department of the city


@dataclass(frozen=True, slots=True)
class Concern:
    """One matter: what it is about, who sees to it, how many and how much, since when, and until when.

    Units: fen. Nulls: `amount_fen` where no money is at stake or it is not known; `due_on` where nothing says.
    """

    matter: Matter
    about: str  # a policy's code, a resource's, a batch's id
    label: str
    owner: str  # the department
    who: str  # people with the role, where roles were given
    why: str
    count: int
    amount_fen: int | None
    since: dt.date | None
    due_on: dt.date | None
    standing: Standing = Standing.OPEN


@dataclass(frozen=True, slots=True)
class Worklist:
    """What waits as of a day, the most overdue first."""

    on: dt.date
    concerns: tuple[Concern, ...]

    def as_json(self) -> str:
        """Return it for programs: stable keys, days in ISO form."""
        tree = {"format_version": FORMAT_VERSION, **dataclasses.asdict(self)}
        return json.dumps(tree, ensure_ascii=False, indent=2, default=str, sort_keys=True)


def worklist(deployment: Deployment, on: dt.date | None = None, *, remit: Remit = WHOLE) -> Worklist:
    """Return everything of a remit that waits for somebody, by what is known now; nights are everybody's."""
    limits = read_limits(deployment.workspace, deployment.calendar)
    with looking(deployment, on, remit=remit) as look:
        found = [_timed(each, limits, look.on) for part in _PARTS for each in part(look)]
    return Worklist(look.on, tuple(sorted(found, key=_urgency)))


def _urgency(each: Concern) -> tuple[int, dt.date, str, str, str]:
    return list(Standing).index(each.standing), each.due_on or dt.date.max, each.matter, each.about, each.why


def _timed(each: Concern, limits: Limits, today: dt.date) -> Concern:
    """Return a matter with its last day and how it stands."""
    due_on = each.due_on
    if due_on is None and each.since is not None and each.matter in limits.days:
        due_on = limits.due_on(each.matter, each.since)
    return dataclasses.replace(each, due_on=due_on, standing=limits.standing(due_on, today))


def _nights(look: Look) -> Iterator[Concern]:
    """Give the night that is missing, and the one that a guard stopped."""
    last = look.night.business_date if look.night else None
    due = add_days(look.on, -1)
    who = look.who(Role.OPERATOR)
    if look.policies and (last is None or last < due):
        since = add_days(last, 1) if last else None
        count = 1 if last is None else (due - last).days
        yield Concern(
            Matter.NIGHT, JOB, "夜间批次", OPERATIONS, who, "应运行而未发布", count, None, since, since or due
        )
    for run in runs_of(look.rx, JOB):
        if (
            run.state is RunState.ABORTED
            and run.aborted_because == "guards"
            and (last is None or run.business_date > last)
        ):
            date = run.business_date
            why = "人数或金额超出阈值，待人工确认"
            yield Concern(Matter.GUARD, JOB, f"{date} 夜间批次", OPERATIONS, who, why, 1, None, date, None)


_FRESHNESS = {Freshness.NEVER: "从未送达", Freshness.STALE: "已过期", Freshness.NEARLY_STALE: "即将过期"}


def _resources(look: Look) -> Iterator[Concern]:
    """Give resources that are late, stale, or soon so, among those that ever came or that a policy reads."""
    loads = read_loads(look.rx, look.deployment.workspace.root).known_at(look.rx.now)
    who = look.who(Role.STEWARD)
    for state in load_state(look.deployment.catalogue, loads, look.on):
        why = _FRESHNESS.get(state.freshness) or ("迟交" if state.is_late else "")
        is_read = state.resource.resource in look.resources
        if why and look.sees(state.resource) and (state.load_count or is_read):
            yield _resource(state, why, who)


def _resource(state: ResourceState, why: str, who: str) -> Concern:
    resource, latest = state.resource, state.latest
    since = latest.data_date if latest else None
    due_on = state.fresh_through or (state.due_on if state.is_late else None)
    return Concern(
        Matter.RESOURCE, resource.resource, resource.label, resource.owner, who, why, 1, None, since, due_on
    )  # fmt: skip


def _unknowns(look: Look) -> Iterator[Concern]:
    """Give outcomes that are unknown, by policy and missing fact, and dues that are held for them.

    Their clock runs from the first of the nights in a row that found the same.
    """
    nights = _told_by_night(look)
    for (policy, _), (fact, since) in _in_a_row(nights, _missing_facts).items():
        why = f"缺 {fact['label']}"
        yield Concern(
            Matter.UNKNOWN, policy, look.title(policy), fact["owner"], look.who(Role.STEWARD), why,
            fact["subject_count"], None, since, None,
        )  # fmt: skip
    for (policy, _), (told, since) in _in_a_row(nights, _held_dues).items():
        why = "宽限期已过或已暂停，应享待定"
        yield Concern(
            Matter.HELD_DUES, policy, look.title(policy), look.owner(policy), look.who(Role.OFFICER, policy), why,
            told["held_count"], None, since, None,
        )  # fmt: skip


_Told = Mapping[str, Any]  # what a night's summary says of a policy, or of a fact that is missing
_Night = tuple[dt.date, Sequence[_Told]]


def _told_by_night(look: Look) -> list[_Night]:
    """Return what every published night said of the remit's policies, newest first."""
    published = [run for run in runs_of(look.rx, JOB) if run.state is RunState.PUBLISHED]
    told = [(run.business_date, (run.summary or {}).get("policies", ())) for run in reversed(published)]
    return [(date, [each for each in policies if look.remit.covers(each["policy"])]) for date, policies in told]


def _missing_facts(told: _Told) -> Iterator[tuple[tuple[str, str], _Told]]:
    yield from (((told["policy"], fact["attribute"]), fact) for fact in told["missing"])


def _held_dues(told: _Told) -> Iterator[tuple[tuple[str, str], _Told]]:
    if told["held_count"]:
        yield (told["policy"], ""), told


def _in_a_row(
    nights: Sequence[_Night], found_in: Callable[[_Told], Iterator[tuple[tuple[str, str], _Told]]]
) -> dict[tuple[str, str], tuple[_Told, dt.date]]:
    """Return what the newest night found, each with the first date from which on every night found it."""
    row: dict[tuple[str, str], tuple[_Told, dt.date]] = {}
    going_on = set[tuple[str, str]]()
    for place, (date, policies) in enumerate(nights):
        found = {key: each for told in policies for key, each in found_in(told)}
        if place == 0:
            row = {key: (each, date) for key, each in found.items()}
            going_on = set(row)
        else:
            going_on &= found.keys()
            row |= {key: (row[key][0], date) for key in going_on}
        if not going_on:
            break
    return row


_HELD = {
    Matter.ON_HOLD: "明细挂起",
    Matter.LEFT_OPEN: "应发而未入批次：缺账户或收款人不明",
}


def _items(look: Look) -> Iterator[Concern]:
    """Give items on hold, and those that the batch of their policy left behind."""
    for state, is_left, matter in (
        (ItemState.ON_HOLD, False, Matter.ON_HOLD),
        (ItemState.OPEN, True, Matter.LEFT_OPEN),
    ):
        for policy, count, amount_fen, since in waiting_items(look.rx, state, is_left_behind=is_left).iter_rows():
            if not look.remit.covers(policy):
                continue
            who = look.who(Role.PAYMASTER, policy)
            yield Concern(
                matter, policy, look.title(policy), look.owner(policy), who, _HELD[matter], count, amount_fen,
                civil_day(since), None,
            )  # fmt: skip


_BATCH_WAITS = {
    BatchState.FROZEN: "待审批",
    BatchState.IN_APPROVAL: "审批人数未足",
    BatchState.APPROVED: "已批准，待导出",
    BatchState.STOPPED: "已停止，待另一人处理",
    BatchState.EXPORTED: "已导出，待送银行",
    BatchState.SUBMITTED: "已送银行，待受理",
    BatchState.SUBMISSION_UNKNOWN: "银行是否收到不明，待查询",
    BatchState.NOT_RECEIVED: "银行未收到，待重送同一文件",
    BatchState.ACKNOWLEDGED: "银行已受理，待回单",
    BatchState.FILE_REJECTED: "银行整批退回，待处理",
    BatchState.STOP_REQUESTED: "已请银行停付，待答复",
    BatchState.STOP_CONFIRMED: "银行已停付，待处理",
    BatchState.STOP_FAILED: "停付未成，待回单",
    BatchState.SETTLING: "部分已有回单",
    BatchState.SETTLED: "已办结，待对账",
}


def _batches(look: Look) -> Iterator[Concern]:
    """Give batches that are not through: until they go out their clock is the pay day, then the limit of the bank."""
    for batch in waiting_batches(look.rx):
        if not look.remit.covers(batch.policy):
            continue
        is_ours = batch.state in BEFORE_EXPORT
        who, why = look.who(Role.PAYMASTER, batch.policy), _BATCH_WAITS.get(batch.state, str(batch.state))
        yield Concern(
            Matter.BATCH if is_ours else Matter.BANK, batch.batch_id, batch.title, batch.payer, who, why,
            batch.item_count, batch.total_fen, batch.since, batch.pay_day if is_ours else None,
        )  # fmt: skip


def _exceptions(look: Look) -> Iterator[Concern]:
    """Give lines of banks' files that a person has to settle, by file."""
    waiting = [each for each in exceptions_of(look.rx) if look.remit.covers(each.policy)]
    for name in dict.fromkeys(each.file_name for each in waiting):
        own = [each for each in waiting if each.file_name == name]
        since, who = civil_day(min(each.imported_at for each in own)), look.who(Role.PAYMASTER)
        why = "回单或对账单与指令不符"
        yield Concern(Matter.EXCEPTION, own[0].bank_file_id, name, BANK, who, why, len(own), None, since, None)


def _proposals(look: Look) -> Iterator[Concern]:
    """Give proposals that wait for another officer or for their publication."""
    seen: set[str] = set()
    for policy in look.remit.within(pending_policies(look.rx)):
        waiting = pending_proposal(look.rx, policy)
        if waiting is None or waiting.proposal_id in seen:
            continue
        seen.add(waiting.proposal_id)
        who, why = (
            look.who(Role.APPROVER, policy),
            f"{waiting.submitted_by} 提交，{'待公布' if waiting.approved_by else '待审批'}",
        )
        since = civil_day(waiting.submitted_at)
        yield Concern(Matter.PROPOSAL, policy, look.title(policy), look.owner(policy), who, why, 1, None, since, None)


def _stops(look: Look) -> Iterator[Concern]:
    """Give what is suspended, and what came out of shadow and has no sample that is right."""
    records = [each for each in read_activations(look.rx) if look.remit.covers(each.activation.policy)]
    for each in records:
        if each.suspension is not None:
            policy, since = each.activation.policy, civil_day(each.suspension.taken_at)
            who, why = look.who(Role.APPROVER, policy), f"{each.suspension.taken_by} 暂停"
            yield Concern(
                Matter.SUSPENSION, policy, look.title(policy), look.owner(policy), who, why, 1, None, since, None
            )
    for each in unjudged(look.rx, records, known_at=look.rx.now):
        policy, since = each.activation.policy, civil_day(each.steps[-1].taken_at)
        who = look.who(Role.APPROVER, policy)
        why = "影子运行已结束，样本未复核"
        yield Concern(Matter.SAMPLE, policy, look.title(policy), look.owner(policy), who, why, 1, None, since, None)


_CASE_WAITS = {
    CaseState.OPENED: "多付，待告知",
    CaseState.NOTIFIED: "多付，异议期内",
    CaseState.APPEALED: "多付，当事人有异议",
    CaseState.CONFIRMED: "多付，待追回",
    CaseState.COLLECTING: "多付，追回中",
}


def _cases(look: Look) -> Iterator[Concern]:
    """Give overpayments that are not through, by policy and where they stand; an objection has a day of its own."""
    grouped = (
        read_cases(look.rx)
        .group_by("policy", "state")
        .agg(
            pl.len().alias("count"),
            pl.col("amount_fen").sum(),
            pl.col("opened_at").min(),
            pl.col("object_through").min(),
        )
    )
    for policy, state, count, amount_fen, opened_at, object_through in grouped.sort("policy", "state").iter_rows():
        if not look.remit.covers(policy):
            continue
        who, why = look.who(Role.OFFICER, policy), _CASE_WAITS.get(CaseState(state), f"多付，{state}")
        due_on = object_through if state == CaseState.NOTIFIED else None
        yield Concern(
            Matter.CASE, policy, look.title(policy), look.owner(policy), who, why, count, amount_fen,
            civil_day(opened_at), due_on,
        )  # fmt: skip


def _grievances(look: Look) -> Iterator[Concern]:
    """Give grievances that are not through, each with its own clock, which stands still while the applicant is asked."""
    for line in list_grievances(look.deployment, remit=look.remit):
        each = line.grievance
        owner = look.owner(each.policy) if each.policy else EVERY_POLICY
        who, why = look.who(Role.OFFICER, each.policy), f"{KIND_WORDS[each.kind]}，{STATE_WORDS[each.state]}"
        yield Concern(
            Matter.GRIEVANCE, each.grievance_id, line.title or KIND_WORDS[each.kind], owner, who, why, 1, None,
            each.received_on, line.deadline.through,
        )  # fmt: skip


def _notices(look: Look) -> Iterator[Concern]:
    """Give notices that were given up, or of which nobody knows whether they arrived."""
    for policy, count, since in stuck_notices(look.rx).iter_rows():
        if not look.remit.covers(policy):
            continue
        who = look.who(Role.OPERATOR)
        why = "告知未送达或下落不明"
        owner = look.owner(policy) if policy else EVERY_POLICY
        yield Concern(Matter.NOTICE, policy, look.title(policy), owner, who, why, count, None, civil_day(since), None)


_PARTS = (
    _nights,
    _resources,
    _unknowns,
    _items,
    _batches,
    _exceptions,
    _proposals,
    _stops,
    _cases,
    _grievances,
    _notices,
)
