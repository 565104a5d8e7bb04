"""Budgets as people look at them and decide them: what each purse gave, what stands where, and what waits for money."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from core.clock import civil_day
from core.findings import nearest_help
from core.remits import WHOLE, Remit
from core.roles import Role
from core.shares import ONE_PURSE
from engine.authority import authorised
from engine.deployment import Deployment
from engine.night import published_policies
from rules.bound import RuleVersion
from store import budgets
from store.codes import StoreCode
from store.faults import refused
from store.journal import PotRecord, closed_years, read_pots, set_off_sums
from store.money_waits import Waiting, read_waiting
from store.opening import Reading
from store.states.funds import DecisionKind


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A pot as people see it; `level` and `account` as the rule says now, None where it names the purse no more."""

    pot: PotRecord
    title: str
    level: str | None
    account: str | None
    is_closed: bool


@dataclass(frozen=True, slots=True)
class BudgetView:
    """Everything about the budgets that somebody asked for."""

    lines: tuple[BudgetLine, ...]
    decisions: tuple[budgets.DecisionRecord, ...]
    waiting: tuple[Waiting, ...]
    set_off: Mapping[tuple[str, int], int]  # fen of what was paid, by policy and year


def view_budgets(
    deployment: Deployment, *, policy: str | None = None, year: int | None = None, remit: Remit = WHOLE
) -> BudgetView:
    """Return the pots, decisions and waiting payments of a remit: all of them, those of one policy or of one year.

    Fails: RefusedError where there is no such policy.
    """
    with deployment.store.reading() as rx:
        versions = _versions(deployment, rx)
        pots = [pot for pot in read_pots(rx, policy=policy, year=year) if remit.covers(pot.policy)]
        _refuse_unknown(policy, {*versions, *(pot.policy for pot in pots)})
        closed = closed_years(rx)
        return BudgetView(
            tuple(_line(pot, versions.get(pot.policy), closed) for pot in pots),
            tuple(each for each in budgets.read_decisions(rx, policy=policy, year=year) if remit.covers(each.policy)),
            tuple(each for each in read_waiting(rx) if policy in {None, each.policy} and remit.covers(each.policy)),
            {key: fen for key, fen in set_off_sums(rx, policy=policy, year=year).items() if remit.covers(key[0])},
        )


@dataclass(frozen=True, slots=True)
class Appropriation:
    """How much a purse gives to a policy in a year, in all; `purse` None: the only one that there is."""

    policy: str
    year: int
    purse: str | None
    amount_fen: int
    document: str


def propose_budget(deployment: Deployment, asked: Appropriation, *, by: str) -> budgets.DecisionRecord:
    """Propose what a purse gives; another person confirms it.

    Fails: RefusedError where the policy or the purse is not known, the year is closed, or the same is proposed already.
    """
    authorised(deployment, by, Role.PAYMASTER, asked.policy)
    with deployment.store.writing() as tx:
        purse = _purse(deployment, tx, asked)
        decision = budgets.Decision(DecisionKind.SET, asked.policy, asked.year, purse, asked.amount_fen, asked.document)
        return budgets.propose(tx, decision, by=by)


def propose_closing(
    deployment: Deployment, year: int, policies: Sequence[str], *, document: str, by: str
) -> list[budgets.DecisionRecord]:
    """Propose to close a year of some policies, or of all that have one open.

    Fails: RefusedError where there is none, or where one cannot be closed.
    """
    authorised(deployment, by, Role.PAYMASTER, policies or None)
    with deployment.store.writing() as tx:
        pots = read_pots(tx, year=year)
        known = {pot.policy for pot in pots} - {policy for policy, closed in closed_years(tx) if closed == year}
        for policy in policies:
            _refuse_unknown(policy, known)
        chosen = sorted(set(policies) or known)
        if not chosen:
            message = f"no policy has an open year {year}"
            raise refused(StoreCode.UNKNOWN_NAME, str(year), message, "look at `mianshen budget show`")
        return [
            budgets.propose(
                tx, budgets.Decision(DecisionKind.CLOSE, each, year, budgets.EVERY_PURSE, None, document), by=by
            )
            for each in chosen
        ]


def confirm_decision(deployment: Deployment, decision_id: str, *, by: str) -> budgets.DecisionRecord:
    """Confirm what somebody else proposed.

    Fails: RefusedError; as `store.budgets.confirm`.
    """
    authorised(deployment, by, Role.APPROVER, _policies(deployment, decision_id))
    with deployment.store.writing() as tx:
        return budgets.confirm(tx, decision_id, by=by)


def withdraw_decision(deployment: Deployment, decision_id: str, *, by: str) -> budgets.DecisionRecord:
    """Take a proposal back.

    Fails: RefusedError; as `store.budgets.withdraw`.
    """
    authorised(deployment, by, (Role.PAYMASTER, Role.APPROVER), _policies(deployment, decision_id))
    with deployment.store.writing() as tx:
        return budgets.withdraw(tx, decision_id, by=by)


def _policies(deployment: Deployment, decision_id: str) -> list[str]:
    """Return the policy that a decision is about; none where there is no such decision, which the store then says."""
    with deployment.store.reading() as rx:
        return [each.policy for each in budgets.read_decisions(rx) if each.decision_id == decision_id]


def _purse(deployment: Deployment, rx: Reading, asked: Appropriation) -> str:
    """Return the purse that is meant, by the rule that stands, or by what has been set before."""
    versions = _versions(deployment, rx)
    _refuse_unknown(asked.policy, versions)
    known = [purse.name for purse in versions[asked.policy].purses]
    before = [pot.purse for pot in read_pots(rx, policy=asked.policy) if pot.purse not in known]
    if asked.purse is None and len(known) == 1:
        return known[0]
    if asked.purse in {*known, *before}:
        assert asked.purse is not None, "None is no name of a purse"
        return asked.purse
    words = "several purses pay it" if asked.purse is None else f"no purse of it is called `{asked.purse}`"
    remedy = f"name one with `--purse`: {', '.join(known)}"
    raise refused(StoreCode.UNKNOWN_NAME, asked.policy, words, remedy)


def _versions(deployment: Deployment, rx: Reading) -> dict[str, RuleVersion]:
    """Return the version of each policy whose terms govern today."""
    now = deployment.clock.now()
    today: dt.date = civil_day(now)
    found = published_policies(rx, deployment.catalogue, business_date=today, known_at=now)
    return {each.policy: each.current for each in found}


def _line(pot: PotRecord, version: RuleVersion | None, closed: Collection[tuple[str, int]]) -> BudgetLine:
    purses = {purse.name: purse for purse in version.purses} if version else {}
    purse = purses.get(pot.purse, ONE_PURSE)
    return BudgetLine(
        pot,
        version.written.title if version else pot.policy,
        purse.level,
        purse.account,
        (pot.policy, pot.year) in closed,
    )


def _refuse_unknown(policy: str | None, known: Collection[str]) -> None:
    if policy is not None and policy not in known:
        message = f"no policy with a budget or a published version is called `{policy}`"
        raise refused(StoreCode.UNKNOWN_NAME, policy, message, nearest_help(policy, known, "policy"))
