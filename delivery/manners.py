"""How people want to be told: at which hours, how much at once, and what one tells them in any case."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.clock import CIVIL_ZONE
from core.ledger import NOTICE_CATEGORY, NoticeCategory, NoticeKind
from core.settings import Notices
from delivery.bundles import bundles
from store.attempts import Attempt


@dataclass(frozen=True, slots=True)
class Manners:
    """Quiet hours and digests by channel; `mandatory` categories heed neither, and cannot be declined."""

    mandatory: frozenset[NoticeCategory] = frozenset({NoticeCategory.DECISION})
    quiet_from: dt.time = dt.time(21)
    quiet_until: dt.time = dt.time(8)
    quiet: Collection[str] = ()
    digest: Collection[str] = ()

    @property
    def mandatory_kinds(self) -> frozenset[NoticeKind]:
        """Return the kinds of notices that are told in any case."""
        return frozenset(kind for kind, category in NOTICE_CATEGORY.items() if category in self.mandatory)

    def heeds(self, kind: NoticeKind) -> bool:
        """Say whether a kind of notice heeds what its recipient declined."""
        return NOTICE_CATEGORY[kind] not in self.mandatory

    def bundles(self, channel: str, attempts: Iterable[Attempt]) -> list[list[Attempt]]:
        """Return attempts by the message that carries them over a channel."""
        return bundles(attempts, is_digest=channel in self.digest, mandatory=self.mandatory)

    def quiet_through(self, channel: str, now: dt.datetime) -> dt.datetime | None:
        """Return until when a channel is quiet at an instant, or None where it may speak.

        Both ends are times of the day in China; a window over midnight is one window.
        """
        if channel not in self.quiet or self.quiet_from == self.quiet_until:
            return None
        local = now.astimezone(CIVIL_ZONE)
        at = local.time()
        is_over_midnight = self.quiet_from > self.quiet_until
        is_quiet = (
            at >= self.quiet_from or at < self.quiet_until
            if is_over_midnight
            else self.quiet_from <= at < self.quiet_until
        )
        if not is_quiet:
            return None
        day = local.date() + dt.timedelta(days=is_over_midnight and at >= self.quiet_from)
        return dt.datetime.combine(day, self.quiet_until, CIVIL_ZONE).astimezone(dt.UTC)


def manners_of(settings: Notices) -> Manners:
    """Return the manners that an operator set."""
    return Manners(
        mandatory=frozenset(settings.mandatory),
        quiet_from=dt.time.fromisoformat(settings.quiet_from),
        quiet_until=dt.time.fromisoformat(settings.quiet_until),
        quiet=settings.quiet,
        digest=settings.digest,
    )
