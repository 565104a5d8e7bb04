"""Forgets what has had its days: sessions of browsers that are over, and what portals were answered for their keys.

Done beside nights and by the login that owns the tables, for row security lets subjects' pages see and delete none of these.
By whole days: once a day there may be something to forget, however often this is asked.
"""

import datetime as dt
from typing import Final

from core.clock import civil_day, civil_instant
from core.errors import MianshenError
from core.findings import Finding
from core.roles import NIGHT
from engine.deployment import Deployment
from store.portal_answers import forget_answers, has_answers
from store.sessions import forget_sessions, has_sessions

SESSIONS_KEPT: Final = dt.timedelta(days=30)  # after their end: long enough to look at who was there


def tidy(deployment: Deployment) -> list[Finding]:
    """Forget what has had its days; return what stands in the way, for the next time does the same.

    Nothing is written where there is nothing to forget.
    """
    today = civil_instant(civil_day(deployment.clock.now()))
    answers = today - dt.timedelta(days=deployment.workspace.settings.portals.keys_days)
    sessions = today - SESSIONS_KEPT
    try:
        with deployment.store.reading() as rx:
            old = has_answers(rx, before=answers), has_sessions(rx, before=sessions)
        if any(old):
            with deployment.store.writing() as tx:
                forget_answers(tx, before=answers, by=NIGHT)
                forget_sessions(tx, before=sessions, by=NIGHT)
    except MianshenError as error:
        return list(error.findings)
    return []
