"""What the bank sent: files taken in, and the lines that wait for a person."""

from typing import Final

from starlette.responses import Response

from engine.desks import BANK_LINES
from engine.paying.answers import BankFileKind, TakenIn, take_file
from engine.paying.doers import SENDS
from engine.paying.inquiring import settle_as_paid, settle_exception, waiting_exceptions
from pages import payout_words
from pages.web.console.batches import PLACE as BATCHES
from pages.web.routes import For, Route, deed, page
from pages.web.uploads import kept_file
from pages.web.visits import Visit, missing

PLACE: Final = "/console/bank-files"
KINDS: Final = {
    "": "按内容判断",
    BankFileKind.ACKNOWLEDGEMENT: "受理回执",
    BankFileKind.RETURNS: "回单",
    BankFileKind.STATEMENT: "账户对账单",
}


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, waiting, For.OFFICER, BANK_LINES),
        deed(PLACE + "/take", take, For.OFFICER, SENDS),
        deed(PLACE + "/settle", settle, For.OFFICER, SENDS),
    ]


def waiting(visit: Visit, *, taken: TakenIn | None = None) -> Response:
    """Show the lines that wait for a person, and where a file is handed in."""
    return visit.page(
        "console/bank_files.html",
        exceptions=waiting_exceptions(visit.deployment, remit=visit.remit),
        taken=taken,
        findings=visit.said(taken.findings) if taken else [],
        kinds=KINDS,
        words=payout_words,
        done=visit.asked("done"),
    )


def take(visit: Visit) -> Response:
    """Take a file in, all of it or nothing, and show what became of its lines."""
    kind = visit.given("kind")
    if kind not in KINDS:
        raise missing()
    with kept_file(visit) as path:
        taken = take_file(visit.deployment, path, by=visit.by, kind=BankFileKind(kind) if kind else None)
    return waiting(visit, taken=taken)


def settle(visit: Visit) -> Response:
    """Settle a line with what was found out; that it was paid after all is confirmed by another person."""
    key, reason = visit.given("key"), visit.given("reason")
    if visit.given("as") == "paid":
        said = settle_as_paid(visit.deployment, key, by=visit.by, evidence=reason)
        return visit.say(f"{BATCHES}/{said.batch_id}", "已登记，等待另一人确认")
    settle_exception(visit.deployment, key, by=visit.by, resolution=reason)
    return visit.say(PLACE, "已处理")
