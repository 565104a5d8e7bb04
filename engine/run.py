"""One night; read this first. Shared data → profiles → outcomes → dues → differences → notices and batches.

The stages are called in the order of the flow. All of them only compute; `publish` writes everything in one
transaction, or nothing.
"""

import datetime as dt
import json
from collections.abc import Collection
from dataclasses import dataclass, replace

from core.collector import no_search_for_cycles
from core.errors import MianshenError, RunError
from core.findings import Finding, Place, nearest_help
from core.roles import Role
from engine.authority import authorised
from engine.claims import claim_night, holder_name, kept_alive
from engine.codes import RunCode
from engine.compute import Computed, Progress, compute
from engine.data_state import data_findings
from engine.deployment import Deployment
from engine.guards import guard_findings
from engine.lifecycle.shadow import shadow_tallies
from engine.night import JOB, Night, gather
from engine.payouts import due_now, freeze, write_payout_files
from engine.policy_match import Matching, match_here
from engine.publish import Publication, give_up, prepare, publish
from engine.report import BatchTally, NightReport, NightState
from engine.set_offs import claims_now
from engine.suspicions import watch_for
from store.opening import Reading
from store.runs import RunClaim, RunRecord, Signed, enter_state, latest_published, run_of
from store.states.nights import RunState


@dataclass(frozen=True, slots=True)
class NightOptions:
    """How a night is run; policies in `accepted` may go beyond their guards, for a person has looked.

    One that `is_whole` looks at everybody's past, whatever the night before has found there.
    """

    is_dry_run: bool = False
    accepted: Collection[str] = ()
    by: str = JOB  # who has it run; the night itself where nobody does
    matching: Matching = match_here
    is_whole: bool = False


def run_night(
    deployment: Deployment, business_date: dt.date, *, options: NightOptions, progress: Progress
) -> NightReport:
    """Run the night of a business date and publish it, unless this is a dry run.

    A night that a guard stops is not published; its report says why.
    Fails: RefusedError where the date is published already or somebody works on it; RunError and RuleError where
           its inputs are not in order.
    """
    if options.is_dry_run:
        with no_search_for_cycles():
            return _dry_run(deployment, business_date, options, progress)
    authorised(deployment, options.by, Role.OPERATOR)
    claim = claim_night(deployment.store, deployment.clock, business_date)
    try:
        with kept_alive(deployment.store, claim), no_search_for_cycles():
            return _published(deployment, claim, options, progress)
    except MianshenError as error:
        give_up(deployment.store, claim, str(error.findings[0].code))
        raise


def _dry_run(deployment: Deployment, business_date: dt.date, options: NightOptions, progress: Progress) -> NightReport:
    """Compute a night as if it were run now, and write nothing."""
    computed = _computed(deployment, business_date, deployment.clock.now(), options, progress)
    beyond = _guards(deployment, computed, options.accepted)
    publication = prepare(deployment.workspace, computed, (), is_dry_run=True)
    return _report(deployment, computed, publication, NightState.DRY_RUN, beyond)


def _published(deployment: Deployment, claim: RunClaim, options: NightOptions, progress: Progress) -> NightReport:
    """Compute a claimed night, let its guards look, and publish it."""
    with deployment.store.writing() as tx:
        enter_state(tx, claim, RunState.RUNNING)
    computed = _computed(deployment, claim.business_date, claim.known_at, options, progress)
    stopped = _guards(deployment, computed, options.accepted)
    if stopped:
        publication = prepare(deployment.workspace, computed, (), is_dry_run=True)
        report = _report(deployment, computed, publication, NightState.STOPPED, stopped)
        give_up(deployment.store, claim, "guards", json.loads(report.as_json()))
        return report
    progress("collecting what is to be paid")
    with deployment.store.reading() as rx:
        payments = due_now(rx, computed, deployment.calendar)
        watch = watch_for(rx, computed, payments, deployment.workspace.settings.suspicions)
        claims = claims_now(rx, computed, payments)
    collected = freeze(payments, deployment.book(holder_name()), watch, claims)
    progress("publishing")
    due = {payment.terms.policy for payment in payments}
    prepared = prepare(deployment.workspace, computed, collected.batches, is_dry_run=False)
    publication = replace(prepared, collected=collected, due=due, holders=watch.holders)
    report = _report(deployment, computed, publication, NightState.PUBLISHED, collected.findings)
    signed = Signed(options.by, tuple(sorted(options.accepted)))
    publish(deployment.store, claim, computed, publication, summary=json.loads(report.as_json()), signed=signed)
    return replace(report, findings=(*report.findings, *write_payout_files(deployment, collected)))


def _computed(
    deployment: Deployment, business_date: dt.date, known_at: dt.datetime, options: NightOptions, progress: Progress
) -> Computed:
    with deployment.store.reading() as rx:
        night = gather(
            rx,
            deployment.workspace.root,
            deployment.catalogue,
            business_date=business_date,
            known_at=known_at,
            calendar=deployment.calendar,
        )
        _check_accepted(options.accepted, {policy.policy for policy in night.policies})
        return compute(rx, replace(night, last=None) if options.is_whole else night, progress, options.matching)


def _check_accepted(accepted: Collection[str], known: Collection[str]) -> None:
    """Check that every policy that was accepted is known.

    Fails: RunError.
    """
    unknown = sorted(set(accepted) - set(known))
    if unknown:
        raise RunError(
            Finding(
                RunCode.UNKNOWN_POLICY,
                Place("--accept"),
                f"no published policy is called `{each}`",
                nearest_help(each, known, "policy"),
            )
            for each in unknown
        )


def _guards(deployment: Deployment, computed: Computed, accepted: Collection[str]) -> list[Finding]:
    """Return what lies beyond the guards of policies that nobody has accepted."""
    with deployment.store.reading() as rx:
        before = _due_before(rx, computed.night)
    policies = {
        policy.policy: policy
        for policy in computed.night.policies
        if policy.policy not in accepted and not policy.is_suspended  # nothing of it leaves, whatever it comes to
    }
    return guard_findings([each for each in computed.tallies if each.policy in policies], policies, before)


def _due_before(rx: Reading, night: Night) -> dict[str, int]:
    """Return what each policy's current period came to in the night that it goes on from."""
    latest = latest_published(rx, JOB)
    dates = {policy.policy: policy.before.business_date for policy in night.policies if policy.before}
    found = _dues_told(latest)
    told = {date: _dues_told(run_of(rx, JOB, date)) for date in set(dates.values()) if date is not None}
    for policy, date in dates.items():
        found.pop(policy, None)
        found |= {code: fen for code, fen in told.get(date, {}).items() if code == policy} if date else {}
    return found


def _dues_told(run: RunRecord | None) -> dict[str, int]:
    told = (run.summary or {}).get("policies", ()) if run else ()
    return {each["policy"]: each["due_fen"] for each in told}


def _report(
    deployment: Deployment,
    computed: Computed,
    publication: Publication,
    state: NightState,
    findings: Collection[Finding],
) -> NightReport:
    night = computed.night
    data = data_findings(night.catalogue, night.loads, night.policies, on=night.business_date, known_at=night.known_at)
    return NightReport(
        business_date=night.business_date,
        known_at=night.known_at,
        state=state,
        policies=computed.tallies,
        shadows=shadow_tallies(computed),
        batches=tuple(
            BatchTally(
                each.batch_id, each.policy, each.payer, each.pay_day, each.count, each.total_fen, each.content_hash
            )
            for each in publication.batches
        ),
        notice_count=len(publication.notices),
        findings=(*findings, *data, *deployment.calendar.findings([night.business_date])),
        manifest_hash=publication.manifest.digest,
    )
