"""The alarm clock: every night at the hour that the settings name, and once more for what was missed.

APScheduler only wakes us. Which night is to be run is read from the table of runs, so that a machine that was
down for a week makes one run, for the latest date, and two of these processes never double a night.
"""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from core.clock import CIVIL_ZONE, civil_day
from core.errors import EXIT_DONE, MianshenError, RefusedError
from core.roles import Role
from engine.authority import authorised
from engine.deployment import Deployment
from engine.night import JOB
from engine.policy_match import Matching, match_here
from engine.report import NightReport
from engine.run import NightOptions
from engine.telling import finish, run_and_tell
from store.runs import overdue_date

CATCH_UP_MINUTES = 10  # how long after a start, or a failed night, the table is looked at again

Said = Callable[[str], None]
Opened = Callable[[], AbstractContextManager[Matching]]
"""Opens what a night matches with, when there is a night, and closes it after it."""


def opened_here() -> AbstractContextManager[Matching]:
    """Return what matches on this machine."""
    return nullcontext(match_here)


def due_date(now: dt.datetime, run_hour: int) -> dt.date:
    """Return the newest business date whose night is due: today's from the hour on, else yesterday's."""
    today = civil_day(now)
    return today if now.astimezone(CIVIL_ZONE).hour >= run_hour else today - dt.timedelta(days=1)


def run_what_is_due(deployment: Deployment, said: Said, opened: Opened = opened_here) -> NightReport | None:
    """Run the one night that is due and that nobody has run; return its report, or None where there is nothing to do.

    Fails: MianshenError as `run_night`; that another process was quicker is no failure.
    """
    due = due_date(deployment.clock.now(), deployment.workspace.settings.run_hour)
    with deployment.store.reading() as rx:
        date = overdue_date(rx, JOB, due=due)
    if date is None:
        return None
    try:
        with opened() as matching:
            options = NightOptions(by=deployment.login or JOB, matching=matching)
            return run_and_tell(deployment, date, options=options, progress=lambda _: None)
    except RefusedError as refusal:
        said(str(refusal))
        return None


def build_scheduler(deployment: Deployment, said: Said, opened: Opened = opened_here) -> BlockingScheduler:
    """Return a scheduler that wakes every night, and now and then for what was missed.

    Fails: RefusedError where who is logged in may not run nights.
    """
    authorised(deployment, deployment.login or JOB, Role.OPERATOR)  # now, and not each time that it wakes
    scheduler = BlockingScheduler(
        timezone=CIVIL_ZONE, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
    )

    heard = set[str]()

    def wake() -> None:
        try:
            report = run_what_is_due(deployment, said, opened)
        except MianshenError as error:  # a night that failed must not end the alarm clock
            said(f"night failed, tried again in {CATCH_UP_MINUTES} minutes\n{error}")
            return
        if report is not None:
            said(f"night of {report.business_date}: {report.state.value}")
        # Between nights too: a mail that was refused for now has its time, and a disk may have room again.
        found = [str(each) for each in (finish(deployment) if report is None else report.findings)]
        for text in found:
            if text not in heard:
                said(text)
        heard.intersection_update(found)
        heard.update(found)

    hour = deployment.workspace.settings.run_hour
    scheduler.add_job(wake, CronTrigger(hour=hour, timezone=CIVIL_ZONE), id="night")
    first = dt.datetime.now(CIVIL_ZONE)  # noqa: TID251  # the scheduler goes by the machine's own clock
    scheduler.add_job(
        wake, IntervalTrigger(minutes=CATCH_UP_MINUTES, timezone=CIVIL_ZONE), id="catch-up", next_run_time=first
    )
    return scheduler


def stop(scheduler: BlockingScheduler) -> None:
    """Stop a scheduler; a night under way is finished first.

    Fails: SystemExit with 0 where it has not started yet: a stop that comes so early is a stop all the same.
    """
    if not scheduler.running:
        raise SystemExit(EXIT_DONE)
    scheduler.shutdown(wait=False)
