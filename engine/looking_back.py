"""How far back tonight has to look: whose inputs changed since the last night, and which policies are another.

A period that is over rests on the facts of its days, the rule versions that stand on them, what somebody did about the
grant, what the ledger holds, and, where money is shared, on the same of the periods it is shared with. Where none of these is
another than the last night saw, tonight finds there what that night found: nothing to change. Looked at without limit are

- policies that are decided by something else than last night, and those whose periods rest on each other: counted months,
  instalments, events with their own day, money shared over a relation or a lifetime, what is suspended or was until now;
- subjects of whom a fact of a day that is over is another by now, or, where benefits are backdated, any fact since; about whom
  the ledger, or a person, has said anything since; whose money of an old period is on hold; whose grant has not been through what
  comes before money; of whom nothing is certain; and the few who were found to be one with another.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from core.days import MONTHS_OF, PeriodKind, add_days
from core.grant_steps import ONCE_ACTIVE
from core.ids import text_digest
from core.loads import Loads
from core.product import engine_version
from engine.answers import FactsAsked, assembled
from engine.durations import limits_of
from engine.last_look import LastLook
from engine.ledger_copy import LedgerRead
from engine.lookback import EVERYTHING, Lookback, is_among, subjects_frame
from engine.netting.bonds import Bond, bonds_of
from engine.night import Night, NightPolicy
from engine.prints import Prints
from engine.units import Unit
from profiles.merging import present_ids
from rules.standing import StandState
from store.codes import StoreCode
from store.faults import refused


def looking_back(night: Night, profiles: Mapping[str, pl.DataFrame]) -> Night:
    """Return a night with how far back it looks, and the positions that it looks at.

    Expects: profiles of every kind of subject as known at the night's instant, for all days asked.
    Fails:   RefusedError where another night was published in between, and has dropped the copy of the ledger.
    """
    if night.ledger is None:
        return night
    former = present_ids(night.loads.merges)
    try:
        lookback = night.lookback if night.last is None else _look_back(night, night.last, profiles, former)
        looked_at = lookback.condition(night.written, former)
        positions = night.ledger.positions_where(looked_at)
        unpaid = positions.clear() if looked_at is None else _unpaid(night.ledger, looked_at)
    except FileNotFoundError as fault:
        message = "the ledger was copied anew by a night that was published in between"
        raise refused(StoreCode.CHANGED, "runs/ledger", message, "run the command again") from fault
    return replace(night, lookback=lookback, positions=positions, unpaid=unpaid, prints=_prints(night, profiles))


def _unpaid(ledger: LedgerRead, looked_at: pl.Expr) -> pl.DataFrame:
    """Return the positions that are not looked at, and of which something is still to go to the bank."""
    return ledger.positions_where(looked_at.not_() & (pl.col("payable_fen") > 0))


def _prints(night: Night, profiles: Mapping[str, pl.DataFrame]) -> dict[str, Prints]:
    """Return the prints that this night can leave for the next one, by kind."""
    found = {}
    for kind, facts in profiles.items():
        asked = FactsAsked.of(night, [policy for policy in night.policies if policy.kind == kind])
        found[kind] = Prints.taken(_named(asked, night.business_date), facts, night.business_date)
    return found


def _named(asked: FactsAsked, through: dt.date) -> str:
    """Return what prints speak of, as a digest: facts, where they are broken, from which day through which."""
    return text_digest(*asked.attributes, repr(asked.edges), asked.days.first.isoformat(), through.isoformat())


def decided_by(policies: Sequence[NightPolicy]) -> dict[str, str]:
    """Return a digest of everything that decides each policy but facts and days: versions, activations, terms, bonds."""
    bonds = bonds_of(policies)
    return {
        policy.policy: text_digest(
            *(f"{number} {version.fingerprint}" for number, version in sorted(policy.versions.items())),
            repr(policy.activations),
            repr((policy.current.written.version, policy.version_on_date, policy.is_suspended, sorted(policy.waiting))),
            *(repr(bond) for bond in bonds if policy.policy in bond.policies),
        )
        for policy in policies
    }


def _look_back(
    night: Night, last: LastLook, profiles: Mapping[str, pl.DataFrame], former: Mapping[str, str]
) -> Lookback:
    is_other = last.engine != engine_version() or last.catalogue != night.catalogue.fingerprint
    if is_other or last.business_date >= night.business_date:
        return EVERYTHING
    lookback = Lookback(_since(night, last))
    if lookback.condition(night.written, former) is None:
        return EVERYTHING
    parts = [
        last.held,
        _touched(lookback, last.touched),
        _with_money_waiting(night, lookback),
        night.grants.filter(pl.col("state").is_in([state.value for state in ONCE_ACTIVE]).not_())["subject_id"],
        pl.Series([each for merge in night.loads.merges for each in (merge.from_id, merge.to_id)], dtype=pl.String),
        *(_of_other_facts(night, last, own, profiles[kind]) for kind, own in _kinds(night, lookback)),
        *(_of_new_facts(night, last, own, profiles[kind]) for kind, own in _kinds(night, lookback)),
    ]
    every = pl.concat([part.cast(pl.String) for part in parts]).unique()
    return replace(lookback, whole=subjects_frame({former.get(each, each) for each in every}))


def _since(night: Night, last: LastLook) -> dict[str, dt.date]:
    """Return the policies that look back only so far, and since when: the period before that of the last night."""
    own, decided = dict[str, dt.date](), decided_by(night.policies)
    for policy in night.policies:
        if last.policies.get(policy.policy) == decided[policy.policy] and _is_by_period(night, policy):
            own[policy.policy] = _period_before(policy, last.business_date)
    by_code = {policy.policy: policy for policy in night.policies}
    for bonds in _tied(bonds_of(night.policies)):
        codes = sorted({code for bond in bonds for code in bond.policies})
        if all(code in own for code in codes) and all(_is_limited(bond, by_code) for bond in bonds):
            first = min(own[code] for code in codes)
            is_by_year = any(bond.span == "year" for bond in bonds)
            own |= dict.fromkeys(codes, first.replace(month=1, day=1) if is_by_year else first)
        else:
            for code in codes:
                own.pop(code, None)
    return own


def _is_by_period(night: Night, policy: NightPolicy) -> bool:
    """Say whether each period of a policy is decided by itself, with those that grace looks back over."""
    limits = limits_of(policy.current.written)
    is_counted = limits.counts is not None or bool(limits.instalments)
    has_own_day = any(version.version_by is not None for version in policy.versions.values())
    is_single = policy.terms.period in {PeriodKind.ONCE, PeriodKind.EVENT}
    is_owned = Unit.of(night.catalogue, policy.kind).owned_over is not None
    stands = policy.stands(night.days_asked(policy), night.known_at)
    is_stopped = any(stand.state is StandState.SUSPENDED for stand in stands)
    return not (is_counted or has_own_day or is_single or is_owned or is_stopped or policy.before)


def _period_before(policy: NightPolicy, date: dt.date) -> dt.date:
    """Return the first day of the period before the one of a date; own periods may begin a period later than theirs."""
    first = policy.timetable.of(date).days.first
    for _ in range(2 if policy.timetable.is_own else 1):
        first = policy.timetable.of(add_days(first, -1)).days.first
    return first


def _is_limited(bond: Bond, policies: Mapping[str, NightPolicy]) -> bool:
    """Say whether a bond holds together periods of one subject that lie near each other."""
    if bond.relation is not None or bond.mode == "apart":
        return False
    if bond.span == "year":
        tables = [policies[code].timetable for code in bond.policies]
        return all(table.kind in MONTHS_OF and not table.is_own for table in tables)
    return bond.span == "period"


def _tied(bonds: Iterable[Bond]) -> list[list[Bond]]:
    """Return bonds, those together that share a policy, over however many others."""
    found = list[list[Bond]]()
    for bond in bonds:
        joined = [each for each in found if any(set(bond.policies) & set(other.policies) for other in each)]
        found = [each for each in found if each not in joined]
        found.append([bond, *(other for each in joined for other in each)])
    return found


def _touched(lookback: Lookback, touched: pl.DataFrame) -> pl.Series:
    """Return the subjects about whose grants, or old periods, anything was written."""
    about_grants = touched.filter(pl.col("period").is_null())
    return pl.concat([about_grants, lookback.not_recent(touched)])["subject_id"]


def _with_money_waiting(night: Night, lookback: Lookback) -> pl.Series:
    """Return the subjects of old periods with money on hold or returned, or whose due was open."""
    assert night.ledger is not None
    old = lookback.not_recent(night.written)
    waits = (pl.col("on_hold_fen") > 0) | (pl.col("returned_fen") > 0) | pl.col("due_is_open")
    return night.ledger.subjects_where(is_among(old) & waits)


def _kinds(night: Night, lookback: Lookback) -> Iterator[tuple[str, list[NightPolicy]]]:
    """Give the kinds of subjects for which some policy looks back only so far, with all of their policies."""
    for kind in sorted({policy.kind for policy in night.policies if policy.policy in lookback.since}):
        yield kind, [policy for policy in night.policies if policy.kind == kind]


def _of_other_facts(night: Night, last: LastLook, policies: Sequence[NightPolicy], profiles: pl.DataFrame) -> pl.Series:
    """Return the subjects of whom a fact of a day through the last night is another than that night knew it."""
    of = _named(FactsAsked.of(night, policies), last.business_date)
    seen = last.prints.get(policies[0].kind)
    if seen is None or seen.of != of:
        infos = tuple(info for info in night.loads.infos if info.load_id in last.loads)
        then = replace(night, loads=Loads(night.loads.root, infos, night.loads.merges))
        seen = Prints.taken(of, assembled(then, policies, last.known_at, last.business_date), last.business_date)
    return seen.differing(Prints.taken(of, profiles, last.business_date))


def _of_new_facts(night: Night, last: LastLook, policies: Sequence[NightPolicy], profiles: pl.DataFrame) -> pl.Series:
    """Return the subjects with a grant that may be backdated of whom anything changes after the last night.

    Elsewhere what comes later decides later periods; here it may make earlier ones payable.
    """
    backdated = [policy.policy for policy in policies if any(each.backdate for each in policy.versions.values())]
    having = night.grants.filter(pl.col("policy").is_in(backdated))["subject_id"]
    moved = profiles.filter(pl.col("day") > last.business_date)["subject_id"]
    return moved.filter(moved.is_in(having.implode())).unique()
