"""What a policy says of one event, on the event's own day where the rule goes by it; and whose events there are."""

import datetime as dt
from dataclasses import replace

from core.days import DayRange
from delivery.period_words import event_words
from engine.explaining.examination import Examination, ExaminedFact
from engine.explaining.examine import Viewpoint, examine
from engine.night import NightPolicy
from engine.tally import owner_of
from profiles.owners import owned_by, owner_of_one
from rules.bound import RuleVersion
from rules.standing import StandState


def events_of(viewpoint: Viewpoint, policy: NightPolicy, owner_id: str) -> list[str]:
    """Return the events that ever belonged to somebody while the policy stood, by id."""
    over = viewpoint.catalogue.kinds[policy.kind].of
    assert over is not None, "only events belong to somebody"
    begun = min(activation.valid_from for activation in policy.activations)
    return owned_by(
        viewpoint.known,
        relation=viewpoint.catalogue.relations[over],
        owner_id=owner_id,
        days=DayRange(min(begun, viewpoint.day), viewpoint.day),
    )


def examine_event(viewpoint: Viewpoint, policy: NightPolicy, event: str) -> Examination | None:
    """Examine one event; None where no version stands on its day, or the day lies ahead."""
    anchor = policy.current.version_by
    day, undated = viewpoint.day, None
    if anchor is not None:
        profile = viewpoint.profile(policy.kind, event, policy.current.attributes, viewpoint.day)
        found = profile.values[anchor]
        if isinstance(found, dt.date):
            day = found
        else:
            (undated,) = profile.examined([anchor])
    version = policy.current if undated else _standing(policy, day, viewpoint)
    if version is None or day > viewpoint.day:
        return None
    label = viewpoint.catalogue.kinds[policy.kind].label
    asked = day if policy.terms.facts is None else viewpoint.day
    profile = viewpoint.profile(version.written.subject, event, version.attributes, asked)
    return replace(
        examine(viewpoint, policy, profile, version=version, day=day),
        event=event_words(label, day if anchor and not undated else None),
        owed=undated or _owner_missing(viewpoint, policy, event, asked),
        is_undated=undated is not None,
    )


def _standing(policy: NightPolicy, day: dt.date, viewpoint: Viewpoint) -> RuleVersion | None:
    """Return the version that stands on a day, or would if nobody had suspended it, or None."""
    (stand,) = policy.stands_if_resumed(DayRange(day, day), viewpoint.known_at)
    return policy.versions[stand.version] if stand.state is StandState.IN_FORCE and stand.version else None


def _owner_missing(viewpoint: Viewpoint, policy: NightPolicy, event: str, day: dt.date) -> ExaminedFact | None:
    """Return the relation that does not tell whose an event is, as people read a missing fact; None where it does."""
    catalogue = viewpoint.catalogue
    over = catalogue.kinds[policy.kind].of
    if over is None:
        return None
    relation = catalogue.relations[over]
    found = owner_of_one(viewpoint.known, relation, event, day=day)
    if found.value is not None:
        return None
    resource = catalogue.resources.get(found.resource or "")
    return ExaminedFact(
        code=relation.code,
        label=relation.label,
        words="未知",
        unit="",
        state=found.state,
        source=resource.label if resource else "",
        owner=owner_of(catalogue, relation),
        data_date=found.data_date,
        is_known=False,
    )
