"""审计查询: what was done, by whom, about what and when; whether the chain is whole; and all of it to take out."""

import datetime as dt
import json
from typing import Final

from starlette.responses import Response

from core.clock import civil_instant
from core.roles import Role
from engine.auditing import anchor_of, refuse_strangers, write_export
from engine.desks import AUDIT
from pages.terminal.audit import EVENT_WORDS
from pages.web.console.deeds import day_written
from pages.web.downloads import attachment, sent_file
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit
from store.audit import head, last_entries, verify
from store.audit_chain import Verdict

PLACE: Final = "/console/audit"
SHOWN: Final = 50  # entries on a page; the export has all of them
_JSON_LINES: Final = "application/x-ndjson"


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, searched, For.OFFICER, AUDIT),
        deed(PLACE + "/verify", verified, For.OFFICER, AUDIT),
        deed(PLACE + "/export", export, For.OFFICER, {Role.AUDITOR}, is_sensitive=True),
        deed(PLACE + "/anchor", anchor, For.OFFICER, AUDIT),
    ]


def searched(visit: Visit, *, verdict: Verdict | None = None) -> Response:
    """Show the last entries by event, doer, what they are about and days, the newest first."""
    asked = {name: visit.asked(name) for name in ("event", "by", "about", "since", "through")}
    since, through = day_written(asked["since"]), day_written(asked["through"])
    before = None if through is None else civil_instant(through + dt.timedelta(days=1))
    with visit.deployment.store.reading() as rx:
        entries = last_entries(
            rx,
            SHOWN,
            about=asked["about"] or None,
            by=asked["by"] or None,
            event=asked["event"] or None,
            time=(None if since is None else civil_instant(since), before),
            remit=visit.remit,
        )
        link = head(rx)
    return visit.page(
        "console/audit.html",
        entries=[(each, json.dumps(each.said, ensure_ascii=False, sort_keys=True)) for each in reversed(entries)],
        is_cut=len(entries) == SHOWN,
        asked=asked,
        head=link,
        words=EVENT_WORDS,
        verdict=verdict,
        findings=[] if verdict is None else visit.said(verdict.findings),
    )


def verified(visit: Visit) -> Response:
    """Check every entry against the one before, and show what it came to."""
    with visit.deployment.store.reading() as rx:
        verdict = verify(rx)
    return searched(visit, verdict=verdict)


def export(visit: Visit) -> Response:
    """Give every entry as a line of JSON that can be verified without this database."""
    refuse_strangers(visit.deployment, visit.by)
    return sent_file("audit.jsonl", _JSON_LINES, lambda path: write_export(visit.deployment, path))


def anchor(visit: Visit) -> Response:
    """Give the line that anchors the chain as it stands, to be kept where this machine cannot write."""
    return attachment("anchor.txt", "text/plain; charset=utf-8", (anchor_of(visit.deployment) + "\n").encode())
