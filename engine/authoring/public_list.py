"""What anybody may read without a login: the policies that stand today, and each one's 申兑指南; nothing of any person."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.clock import civil_day
from core.searching import has_every_word
from engine.authoring.guide import Guide, guide_of
from engine.deployment import Deployment
from engine.explaining.state_words import BENEFIT_WORDS, LANE_WORDS
from engine.night import NightPolicy, published_policies
from rules.bound import RuleVersion


@dataclass(frozen=True, slots=True)
class PublicPolicy:
    """A policy as the public list shows it."""

    policy: str
    title: str
    summary: str
    owner: str
    subject: str
    benefit: str
    lane: str
    is_suspended: bool


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for; an empty word leaves everything in."""

    words: str = ""
    owner: str = ""
    subject: str = ""
    benefit: str = ""

    def takes(self, each: PublicPolicy) -> bool:
        """Say whether a policy is meant: every word stands somewhere in it, and the rest is as chosen."""
        return (
            has_every_word(self.words, each.title, each.summary, each.owner, each.policy)
            and self.owner in {"", each.owner}
            and self.subject in {"", each.subject}
            and self.benefit in {"", each.benefit}
        )


def public_policies(deployment: Deployment) -> tuple[PublicPolicy, ...]:
    """Return every policy of which a version stands today, by department and title."""
    found = (_public(deployment, each, version) for each, version in _standing(deployment))
    return tuple(sorted(found, key=lambda each: (each.owner, each.title)))


def public_guide(deployment: Deployment, policy: str) -> Guide | None:
    """Return the guide of the version of a policy that stands today; None where none does."""
    found = next((each for each in _standing(deployment) if each[0].policy == policy), None)
    if found is None:
        return None
    own, version = found
    today = civil_day(deployment.clock.now())
    return guide_of(version, deployment.catalogue, own.activations, as_of=today)


def _standing(deployment: Deployment) -> Iterable[tuple[NightPolicy, RuleVersion]]:
    today = civil_day(deployment.clock.now())
    with deployment.store.reading() as rx:
        policies = published_policies(rx, deployment.catalogue, business_date=today, known_at=rx.now)
    return [(each, each.versions[each.version_on_date]) for each in policies if each.version_on_date is not None]


def _public(deployment: Deployment, policy: NightPolicy, version: RuleVersion) -> PublicPolicy:
    written = version.written
    return PublicPolicy(
        written.policy,
        written.title,
        written.summary or "",
        written.owner,
        deployment.catalogue.kinds[written.subject].label,
        BENEFIT_WORDS[written.benefit],
        LANE_WORDS[written.lane],
        policy.is_suspended,
    )
