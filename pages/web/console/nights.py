"""夜间作业: which nights ran, what each had to say, what stopped one, and whether it comes to the same again."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from starlette.responses import Response

from core.languages import translated
from core.remits import Remit
from core.roles import Role
from engine.authority import authorised, is_required
from engine.codes import RunCode
from engine.desks import NIGHTS
from engine.errands.doing import REPLAYS
from engine.night import JOB
from engine.remits import remit_of
from engine.replaying.replay import Verdict
from engine.schedule import due_date
from pages.terminal.replay import OUTPUT_STATE_WORDS, OUTPUT_WORDS
from pages.web.console.asking import answer, ask
from pages.web.console.batches import PLACE as BATCHES
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit, missing
from store.audit_chain import JSON
from store.runs import RunRecord, last_runs, overdue_date, run_of
from store.states.errands import ErrandKind
from store.states.nights import LIVE_RUN, RunState

PLACE: Final = "/console/nights"
SHOWN: Final = 31  # nights on the list
_RUNS: Final = (Role.OPERATOR,)
_GUARDS: Final = frozenset({RunCode.GUARD_COUNT, RunCode.GUARD_AMOUNT})

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
        page(PLACE, listed, For.OFFICER, NIGHTS),
        page(PLACE + "/{date}", sheet, For.OFFICER, NIGHTS),
        deed(PLACE + "/{date}/run", run_it, For.OFFICER, _RUNS, is_sensitive=True),
        deed(PLACE + "/{date}/replay", replay, For.OFFICER, REPLAYS),
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
        may_run=_may_run(visit),
        words=STATE_WORDS,
        live=LIVE_RUN,
    )


def sheet(visit: Visit) -> Response:
    """Show what one night had to say: each policy, what was frozen, and what needs a person."""
    return _shown(visit, _run(visit))


def run_it(visit: Visit) -> Response:
    """Have the night of a date run, exactly as the command does; policies that are named may go beyond their guards."""
    authorised(visit.deployment, visit.by, _RUNS)
    accepted: list[JSON] = [*sorted({str(each) for each in visit.form.getlist("accept")})]
    return ask(visit, ErrandKind.NIGHT, {"date": _date(visit).isoformat(), "accepted": accepted})


def replay(visit: Visit) -> Response:
    """Have a published night computed again, which writes nothing, to see whether it comes to the same."""
    return ask(visit, ErrandKind.REPLAY, _wanted(_run(visit)))


def _wanted(run: RunRecord) -> dict[str, JSON]:
    return {"date": run.business_date.isoformat()}


def _again(visit: Visit, run: RunRecord) -> dict[str, object] | None:
    """Return what a night came to when it was last computed again; None where it never was."""
    found = answer(visit, ErrandKind.REPLAY, _wanted(run))
    if found is None:
        return None
    told: dict[str, Any] = dict(found.result or {})
    verdict = Verdict(told["verdict"])
    return {
        "at": found.ended_at,
        "verdict": VERDICT_WORDS[verdict],
        "is_equal": verdict is Verdict.EQUAL,
        "engines": (told["engine_then"], told["engine_now"]),
        "outputs": [(OUTPUT_WORDS.get(each["name"], each["name"]), each) for each in told["outputs"]],
        "findings": told_in(visit, told["findings"] if visit.remit.is_whole else []),
    }


def _may_run(visit: Visit) -> bool:
    """Say whether whoever looks may have a night run."""
    return not is_required(visit.deployment) or remit_of(visit.deployment, visit.by, _RUNS).is_whole


def _shown(visit: Visit, run: RunRecord) -> Response:
    told = _told(run, visit.remit)
    return visit.page(
        "console/night.html",
        run=run,
        told=told,
        findings=told_in(visit, told.get("findings", ())),
        totals={name: sum(each[name] for each in told.get("policies", ())) for name in _TOTALS},
        again=_again(visit, run) if run.state is RunState.PUBLISHED else None,
        may_run=_may_run(visit),
        beyond=sorted({each["place"]["path"] for each in told.get("findings", ()) if each["code"] in _GUARDS}),
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


def told_in(visit: Visit, findings: Iterable[Any]) -> list[dict[str, Any]]:
    """Return findings that were kept as they were made, in the language of the page as far as there are words."""
    return [each if visit.words.is_english else _in_chinese(each) for each in findings]


def _in_chinese(finding: dict[str, Any]) -> dict[str, Any]:
    message = translated(finding["message"], finding["code"]) or finding["message"]
    remedy = finding["help"] and (translated(finding["help"], "help") or finding["help"])
    return finding | {"message": message, "help": remedy}


def _date(visit: Visit) -> dt.date:
    """Return the date in the address; browsers lead to dates as they are written here."""
    try:
        return dt.date.fromisoformat(visit.named("date"))
    except ValueError:
        raise missing() from None


def _run(visit: Visit) -> RunRecord:
    date = _date(visit)
    with visit.deployment.store.reading() as rx:
        run = run_of(rx, JOB, date)
    if run is None:
        raise missing()
    return run
