"""后台作业: what was asked for and is carried out beside the pages, how far it is, and where its answer stands."""

from typing import Final

from starlette.responses import Response

from engine.claims import is_dead
from pages.web.console import asking, data, nights, policies
from pages.web.routes import For, Route, page
from pages.web.visits import Visit, missing
from store.errands import Errand, errand_of, last_errands
from store.states.errands import LIVE_ERRAND, ErrandKind, ErrandState

PLACE: Final = asking.PLACE
SHOWN: Final = 50
_AGAIN_SECONDS: Final = 3

KIND_WORDS: Final = {
    ErrandKind.READINESS: "核算免申就绪度",
    ErrandKind.REPLAY: "按当时的规则和数据重算",
    ErrandKind.PLAN: "试算",
    ErrandKind.NIGHT: "夜间作业",
}
STATE_WORDS: Final = {
    ErrandState.ASKED: "排队中",
    ErrandState.RUNNING: "进行中",
    ErrandState.DONE: "已完成",
    ErrandState.FAILED: "未能完成",
    ErrandState.BROKEN_OFF: "已中断",
}


PROGRESS_WORDS: Final = {
    "how ready the policies are": "正在核算各项政策的免申就绪度",
    "reading the published state": "正在读取已发布的状态",
    "reading what the ledger holds": "正在读取台账",
    "assembling profiles": "正在汇集画像",
    "comparing what is due with the ledger": "正在与台账比对差额",
    "computing what stands in shadow": "正在测算影子运行的事项",
    "collecting what is to be paid": "正在归集应发的款项",
    "publishing": "正在发布",
    "sending notices": "正在发送告知",
    "looking for what the night worked from": "正在查找当晚所用的规则和数据",
}
"""What stages say while they work, as far as the words are fixed."""

_PROGRESS_BEGINS: Final = {
    "assembling the profiles of everyone": "正在汇集全体对象的画像",
    "deciding ": "正在逐项比对：",
    "what ": "正在逐月测算",
    "who they are that ": "正在归纳受影响的人群",
    "what was known on ": "正在追溯当时所知",
    "looking ahead for ": "正在展望以后各期",
}


def progress_words(said: str | None) -> str:
    """Return what a stage says in Chinese, with the title of the policy that it is at."""
    if said is None:
        return "正在开始"
    for beginning, words in _PROGRESS_BEGINS.items():
        if said.startswith(beginning):
            return words + (
                said.removeprefix(beginning).removesuffix(" before and after") if words.endswith("：") else ""
            )
    return PROGRESS_WORDS.get(said, said)


def routes() -> list[Route]:
    """Return the routes."""
    return [page(PLACE, listed, For.OFFICER), page(PLACE + "/{errand}", shown, For.OFFICER)]


def listed(visit: Visit) -> Response:
    """Show the last errands: everybody's to whoever reaches everything, else one's own."""
    now = visit.deployment.clock.now()
    with visit.deployment.store.reading() as rx:
        found = last_errands(rx, SHOWN, by=None if visit.remit.is_whole else visit.by)
    return visit.page(
        "console/errands.html",
        errands=[(each, each.stands(now, is_dead), about(each)) for each in found],
        kinds=KIND_WORDS,
        states=STATE_WORDS,
    )


def shown(visit: Visit) -> Response:
    """Show how far an errand is, again every few seconds; once it is done, lead to its answer."""
    errand, ahead = _named(visit)
    state = errand.stands(visit.deployment.clock.now(), is_dead)
    if state is ErrandState.DONE:
        return visit.go(leads_to(errand))
    findings = (errand.result or {}).get("findings")
    return visit.page(
        "console/errand.html",
        errand=errand,
        about=about(errand),
        state=state,
        progress=errand.progress if visit.words.is_english else progress_words(errand.progress or None),
        is_live=state in LIVE_ERRAND,
        ahead=ahead,
        again_seconds=0 if visit.asked("still") else _AGAIN_SECONDS,
        findings=nights.told_in(visit, findings) if isinstance(findings, list) else [],
        fault=(errand.result or {}).get("fault"),
        from_page=_asked_from(errand),
        kinds=KIND_WORDS,
        states=STATE_WORDS,
    )


def about(errand: Errand) -> str:
    """Return what an errand is about: a night's date or a policy; nothing where it is about all of them."""
    return str(errand.wanted.get("date") or errand.wanted.get("policy") or "")


def leads_to(errand: Errand) -> str:
    """Return the page on which the answer of an errand stands."""
    result = errand.result or {}
    if errand.kind is ErrandKind.PLAN:
        return f"{policies.PLACE}/{result['policy']}/plan/{result['fingerprint']}"
    return _asked_from(errand)


def _asked_from(errand: Errand) -> str:
    """Return the page from which somebody asked."""
    match errand.kind:
        case ErrandKind.READINESS:
            return f"{data.PLACE}/work"
        case ErrandKind.PLAN:
            return f"{policies.PLACE}/{errand.wanted['policy']}"
        case ErrandKind.REPLAY | ErrandKind.NIGHT:
            return f"{nights.PLACE}/{errand.wanted['date']}"


def _named(visit: Visit) -> tuple[Errand, int]:
    """Return the errand in the address and how many are before it; others' are for whoever reaches everything."""
    with visit.deployment.store.reading() as rx:
        errand = errand_of(rx, visit.named("errand"))
        if errand is None or not (errand.asked_by == visit.by or visit.remit.is_whole):
            raise missing()
        live = [each for each in last_errands(rx, SHOWN) if each.stands(rx.now, is_dead) in LIVE_ERRAND]
    return errand, sum(each.asked_at < errand.asked_at for each in live)
