"""夜间作业: which nights ran, what each had to say, what stopped one, and whether it comes to the same again."""

import datetime as dt
from typing import Any, Final

from starlette.responses import Response

from core.languages import translated
from core.remits import Remit
from core.roles import Role
from engine.night import JOB
from engine.replaying.replay import Verdict, replay_run
from engine.schedule import due_date
from pages.terminal_replay import OUTPUT_STATE_WORDS, OUTPUT_WORDS
from pages.web.console.batches import PLACE as BATCHES
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit, missing
from store.runs import RunRecord, last_runs, overdue_date, run_of
from store.states import LIVE_RUN, RunState

PLACE: Final = "/console/nights"
SHOWN: Final = 31  # nights on the list
_WATCHERS: Final = frozenset(Role)
_REPLAYS: Final = (Role.OPERATOR, Role.AUDITOR, Role.SUPERVISOR)

STATE_WORDS: Final = {
    RunState.CLAIMED: "准备中",
    RunState.RUNNING: "比对中",
    RunState.VERIFYING: "核验中",
    RunState.PUBLISHED: "已发布",
    RunState.ABORTED: "已停下",
}
VERDICT_WORDS: Final = {
    Verdict.EQUAL: "一致：按当时的规则和数据重算，结果相同",
    Verdict.DIFFERS: "不一致：重算的结果与公布的不同",
    Verdict.REFUSED: "无法重算：当时所用的规则或数据已不在，或已被改动",
}


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, listed, For.OFFICER, _WATCHERS),
        page(PLACE + "/{date}", sheet, For.OFFICER, _WATCHERS),
        deed(PLACE + "/{date}/replay", replay, For.OFFICER, _REPLAYS),
    ]


def listed(visit: Visit) -> Response:
    """Show the last nights, the newest first, and whether one is overdue."""
    settings, now = visit.deployment.workspace.settings, visit.deployment.clock.now()
    with visit.deployment.store.reading() as rx:
        runs = last_runs(rx, JOB, SHOWN)
        overdue = overdue_date(rx, JOB, due=due_date(now, settings.run_hour))
    return visit.page(
        "console/nights.html",
        runs=[(run, _told(run, visit.remit)) for run in runs],
        overdue=overdue,
        run_hour=settings.run_hour,
        words=STATE_WORDS,
        live=LIVE_RUN,
    )


def sheet(visit: Visit) -> Response:
    """Show what one night had to say: each policy, what was frozen, and what needs a person."""
    return _shown(visit, _run(visit))


def replay(visit: Visit) -> Response:
    """Compute a published night again, write nothing, and say whether it comes to the same."""
    run = _run(visit)
    again = replay_run(visit.deployment, run.business_date.isoformat(), lambda _: None)
    return _shown(
        visit,
        run,
        again={
            "verdict": VERDICT_WORDS[again.verdict],
            "is_equal": again.verdict is Verdict.EQUAL,
            "engines": (again.engine_then, again.engine_now),
            "outputs": [(OUTPUT_WORDS.get(each.name, each.name), each) for each in again.outputs],
            "findings": visit.said(again.findings if visit.remit.is_whole else ()),
        },
    )


def _shown(visit: Visit, run: RunRecord, again: dict[str, object] | None = None) -> Response:
    told = _told(run, visit.remit)
    return visit.page(
        "console/night.html",
        run=run,
        told=told,
        findings=[_said(visit, each) for each in told.get("findings", ())],
        totals={name: sum(each[name] for each in told.get("policies", ())) for name in _TOTALS},
        again=again,
        words=STATE_WORDS,
        states=OUTPUT_STATE_WORDS,
        batches=BATCHES,
        is_stopped=run.state is RunState.ABORTED,
    )


_TOTALS: Final = (
    "met_count", "unknown_count", "new_count", "ended_count", "held_count", "opened_count", "opened_fen", "case_count",
    "case_fen",
)  # fmt: skip


def _told(run: RunRecord, remit: Remit) -> dict[str, Any]:
    """Return what the report of a night says of a remit; one in hands has none, whatever an earlier try of it left.

    Findings name policies in their words, and notices are counted over all: both are told of the whole alone.
    """
    told = {} if run.state in LIVE_RUN else dict(run.summary or {})
    if not told or remit.is_whole:
        return told
    own = {
        name: [each for each in told.get(name, ()) if remit.covers(each["policy"])]
        for name in ("policies", "shadows", "batches")
    }
    return told | own | {"findings": [], "notice_count": None}


def _said(visit: Visit, finding: dict[str, Any]) -> dict[str, Any]:
    """Return a finding of a report, which was kept as it was made, in the language of the page as far as there are words."""
    if visit.words.is_english:
        return finding
    message = translated(finding["message"], finding["code"]) or finding["message"]
    remedy = finding["help"] and (translated(finding["help"], "help") or finding["help"])
    return finding | {"message": message, "help": remedy}


def _run(visit: Visit) -> RunRecord:
    try:
        date = dt.date.fromisoformat(visit.named("date"))
    except ValueError:
        raise missing() from None
    with visit.deployment.store.reading() as rx:
        run = run_of(rx, JOB, date)
    if run is None:
        raise missing()
    return run
