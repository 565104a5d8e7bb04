"""What a night does to grants that wait: it offers and reminds, lets offers lapse or takes silence for consent, withdraws.

Each is an act, so that the next night and a replay know it; deadlines are fixed when somebody is asked and told.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

import polars as pl

from core.days import add_days
from core.ledger import Act, ActKind, GrantState
from engine.lanes.progress import Progress, first_state
from engine.night import BY, Night, NightPolicy
from engine.people import Present
from rules.version import Confirmation

_ASKING: Mapping[GrantState, ActKind] = {GrantState.OFFERED: ActKind.OFFER, GrantState.ASKED: ActKind.ASK}


def overdue_acts(
    present: Present, policy: NightPolicy, progress: Mapping[str, Progress], subjects: Mapping[str, str]
) -> list[Act]:
    """Return what becomes of offers and questions whose last day has passed without an answer; `subjects` by grant.

    Source: `delivery` §10.3: silence is consent only where the rule says so, and only once the notice was delivered.
    """
    night, confirmation = present.night, policy.terms.confirmation
    if confirmation is None or policy.is_suspended:
        return []
    return [
        _overdue(night, confirmation, grant_id, was_told=_was_told(present, policy, subjects.get(grant_id), each))
        for grant_id, each in sorted(progress.items())
        if each.reached in _ASKING and each.reply_through is not None and each.reply_through < night.business_date
    ]


def _was_told(present: Present, policy: NightPolicy, subject_id: str | None, progress: Progress) -> bool:
    """Say whether a notice of the offer, or a reminder of it, was delivered."""
    days = present.delivered.get((policy.policy, subject_id or ""), ())
    return progress.offered_on is not None and any(progress.offered_on <= day for day in days)


def _overdue(night: Night, confirmation: Confirmation, grant_id: str, *, was_told: bool) -> Act:
    if confirmation.deemed and was_told:
        return _act(night, grant_id, ActKind.DEEM, reason="告知已送达，逾期未答复，按规定视为同意")
    return _act(night, grant_id, ActKind.LAPSE, reason="告知没有送达，不能视为同意" if confirmation.deemed else None)


def answer_acts(
    present: Present, policy: NightPolicy, standing: pl.DataFrame, progress: Mapping[str, Progress]
) -> list[Act]:
    """Return the answers of those who were asked for a fact: theirs is the claim, and the fact has come as a load.

    Shape: `grant_id`, `subject_id` and `event` of a policy's grants.
    """
    answers = {who: each for (code, who), each in present.answers.items() if code == policy.policy}
    if not answers or policy.is_suspended:
        return []
    asked = pl.Series(sorted(answers), dtype=pl.String)
    own = standing.filter(pl.col("subject_id").is_in(asked.implode())).select("grant_id", "subject_id")
    first = Progress(first_state(policy.current.written))
    found = []
    for grant_id, who in own.sort("grant_id").iter_rows():
        each = answers[who]
        if progress.get(grant_id, first).reached is GrantState.ASKED:
            act = _act(present.night, grant_id, ActKind.ANSWER)
            found.append(replace(act, by=each.by, is_assisted=each.is_assisted))
    return found


def waiting_acts(
    night: Night, policy: NightPolicy, states: pl.DataFrame, progress: Mapping[str, Progress]
) -> list[Act]:
    """Return what a night does to grants that wait for somebody, or no longer need to.

    Shape: `engine.grant_states.STATES` of the policy.
    """
    if policy.is_suspended:
        return []
    confirmation = policy.terms.confirmation
    waiting = states.filter(pl.col("is_through").not_()).select("grant_id", "state", "is_met")
    acts = list(_withdrawn(night, policy, waiting, progress))
    if confirmation is not None:
        acts += _asked(night, confirmation, waiting, progress)
    return acts


def _withdrawn(
    night: Night, policy: NightPolicy, waiting: pl.DataFrame, progress: Mapping[str, Progress]
) -> Iterator[Act]:
    """Give an act for each grant of which something was done, or asked, that no longer counts."""
    first = first_state(policy.current.written)
    gone = set(waiting.filter(pl.col("state") == GrantState.WITHDRAWN.value)["grant_id"])
    for grant_id in sorted(gone & progress.keys()):
        each = progress[grant_id]
        if each.reached is not GrantState.WITHDRAWN and each != Progress(first):
            yield _act(night, grant_id, ActKind.WITHDRAW)


def _asked(
    night: Night, confirmation: Confirmation, waiting: pl.DataFrame, progress: Mapping[str, Progress]
) -> Iterator[Act]:
    """Give an offer or a question with its last day to each who is to be told, and reminders to those who were."""
    date, days = night.business_date, confirmation.working_days

    @lru_cache  # many were asked on the same day
    def reminders(offered_on: dt.date) -> list[dt.date]:
        return [night.calendar.nth(add_days(offered_on, 1), count) for count in confirmation.remind]

    for grant_id, state, is_met in waiting.select("grant_id", "state", "is_met").sort("grant_id").iter_rows():
        kind, known = _ASKING.get(GrantState(state)), progress.get(grant_id)
        if kind is None:
            continue
        if known is None or known.offered_on is None:
            through = None if days is None else night.calendar.nth(add_days(date, 1), days)
            yield _act(night, grant_id, kind, through=through)
        elif is_met and any(
            (known.reminded_on or known.offered_on) < day <= date for day in reminders(known.offered_on)
        ):
            yield _act(night, grant_id, ActKind.REMIND)


def _act(
    night: Night, grant_id: str, kind: ActKind, *, reason: str | None = None, through: dt.date | None = None
) -> Act:
    return Act(grant_id, kind, night.business_date, night.known_at, BY, reason=reason, through=through)
