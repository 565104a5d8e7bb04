"""Why one subject gets what it gets: its examinations, found by an opaque id or by an official number.

Numbers are looked up by their blind index; none is ever shown again, not even in a fault.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from core.clock import civil_day
from core.errors import RunError
from core.findings import nearest_help
from engine.codes import RunCode
from engine.deployment import Deployment
from engine.explaining.examination import Examination, Profile
from engine.explaining.examine import Viewpoint, examine
from engine.explaining.examine_events import events_of, examine_event
from engine.night import JOB, NightPolicy
from profiles.numbers import normalise
from store.merges import standing_id
from store.opening import Reading
from store.runs import latest_night
from store.suspensions import suspended_policies
from store.vault_openings import kind_of, look_up


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the policies say of one subject on one day, as known at one instant."""

    subject_id: str
    kind: str
    day: dt.date
    known_at: dt.datetime
    examinations: tuple[Examination, ...]


def explain_subject(
    deployment: Deployment, subject: str, policy: str | None = None, day: dt.date | None = None
) -> Explanation:
    """Explain one policy, or all of a subject's kind, on a day; without a day, as the last night saw it.

    Fails: RunError where nobody goes by that id or number, or where no such policy stands for them on the day.
    """
    with deployment.store.reading() as rx:
        subject_id, kind = subject_named(rx, deployment, subject)
        viewpoint = viewpoint_on(rx, deployment, day)
    chosen = _of_kind(viewpoint, kind) if policy is None else [_chosen(viewpoint, kind, policy)]
    profile = viewpoint.profile_of(kind, subject_id)
    seen = [each for policy in chosen for each in _examined(viewpoint, policy, kind, subject_id, profile)]
    return Explanation(subject_id, kind, viewpoint.day, viewpoint.known_at, tuple(seen))


def _of_kind(viewpoint: Viewpoint, kind: str) -> list[NightPolicy]:
    """Return the policies that concern subjects of a kind: those for it, and those over events that belong to it."""
    standing = [each for each in viewpoint.of_kind(kind) if each.version_on_date is not None]
    return [*standing, *viewpoint.over_events(kind)]


def _examined(
    viewpoint: Viewpoint, policy: NightPolicy, kind: str, subject_id: str, profile: Profile
) -> Iterator[Examination]:
    """Give what a policy says of a subject: one examination, or one for each of its events."""
    if policy.kind != kind:
        events = [examine_event(viewpoint, policy, event) for event in events_of(viewpoint, policy, subject_id)]
        yield from (each for each in events if each is not None)
    elif viewpoint.catalogue.kinds[kind].of is not None:
        seen = examine_event(viewpoint, policy, subject_id)
        yield from [seen] if seen else []
    else:
        yield examine(viewpoint, policy, profile)


def viewpoint_on(rx: Reading, deployment: Deployment, day: dt.date | None) -> Viewpoint:
    """Return the view of a day with today's knowledge; without a day, that of the last published night.

    What is suspended is told as it stands at this moment: nobody is promised anything until the next night.
    """
    latest = latest_night(rx, JOB) if day is None else None
    if latest is None:
        seen = _view(rx, deployment, day or civil_day(rx.now), rx.now)
    else:  # what was known then never changes any more
        run_id, date, known_at = latest
        seen = deployment.last_night.of(run_id, lambda: _view(rx, deployment, date, known_at))
    return seen.stopping(suspended_policies(rx, on=day or civil_day(rx.now)))


def _view(rx: Reading, deployment: Deployment, day: dt.date, known_at: dt.datetime) -> Viewpoint:
    return Viewpoint.read(rx, deployment.workspace.root, deployment.catalogue, day=day, known_at=known_at)


def subject_named(rx: Reading, deployment: Deployment, word: str) -> tuple[str, str]:
    """Return the subject that an opaque id or an official number names by now, and its kind.

    Fails: RunError where there is none; the message does not repeat the number.
    """
    subject_id = standing_id(rx, word.strip())
    kind = kind_of(rx, subject_id)
    if kind is not None:
        return subject_id, kind
    found = subject_numbered(rx, deployment, word)
    if found is not None:
        return found
    raise RunError.one(
        RunCode.UNKNOWN_SUBJECT,
        "subject",
        "nobody goes by this id or number",
        "check it sign by sign; a subject is known once a register that lists it has been loaded",
    )


def subject_numbered(rx: Reading, deployment: Deployment, number: str) -> tuple[str, str] | None:
    """Return the subject that an official number names by now, and its kind; None where nobody goes by it."""
    for kind in deployment.catalogue.kinds.values():
        normal = normalise(pl.Series([number], dtype=pl.String), kind.number)[0]
        found = None if normal is None else look_up(rx, deployment.seals, kind.code, normal)
        if found is not None:
            return found, kind.code
    return None


def _chosen(viewpoint: Viewpoint, kind: str, word: str) -> NightPolicy:
    """Return the policy that a code or a title names."""
    own = [*viewpoint.of_kind(kind), *viewpoint.over_events(kind)]
    found = next((each for each in own if word in {each.policy, each.current.written.title}), None)
    if found is None:
        help_line = nearest_help(word, [each.policy for each in own], "policy") or "see `mianshen rules list`"
        message = f"no published policy for the kind `{kind}` is called `{word}`"
        raise RunError.one(RunCode.UNKNOWN_POLICY, "policies", message, help_line)
    if found.version_on_date is None and viewpoint.catalogue.kinds[found.kind].of is None:
        message = f"no version of `{found.policy}` stands on {viewpoint.day}"
        first = min(each.valid_from for each in found.activations)
        raise RunError.one(RunCode.UNKNOWN_POLICY, "policies", message, f"its first version stands from {first}")
    return found
