"""A paymaster's pages: batches, the sheet that people decide by, and each deed that a batch stands open to."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from core.roles import Role
from core.searching import has_every_word
from delivery.capital_amounts import yuan_capital
from engine.authority import open_access
from engine.desks import BATCHES
from engine.paying import deciding, exporting, inquiring
from engine.paying.doers import SENDS, SIGNS, STOPS
from engine.paying.sheets import batch_rows, sheet_of
from pages import payout_words
from pages.web.downloads import attachment
from pages.web.routes import For, Route, View, deed, page
from pages.web.visits import Visit, missing
from store.audit import record
from store.batches import BatchRecord, batch_of
from store.inquiries import OF_FILES, Found
from store.payouts import files_of
from store.states.paying import AT_THE_BANK, BEFORE_EXPORT, BatchState

PLACE: Final = "/console/batches"
_OVER = frozenset({BatchState.RECONCILED, BatchState.CLOSED, BatchState.CANCELLED, BatchState.RELEASED})

GROUPS: Final[Mapping[str, tuple[str, AbstractSet[BatchState]]]] = {
    "decide": ("待决定", BEFORE_EXPORT),
    "bank": ("在银行", frozenset(BatchState) - BEFORE_EXPORT - _OVER),
    "over": ("已了结", _OVER),
}
"""How the list is cut: what people have to decide, what the bank has to answer, and what is over."""


@dataclass(frozen=True, slots=True)
class Step:
    """A deed that a batch stands open to: its form's address, what its button says, and what it asks for."""

    name: str
    label: str
    states: AbstractSet[BatchState]
    asks: str = ""  # what the reason is called; nothing is asked otherwise
    warns: bool = False  # nothing can take it back


_BACK = frozenset({BatchState.FILE_REJECTED, BatchState.STOP_CONFIRMED, BatchState.SETTLING, BatchState.SETTLED})
STEPS: Final = (
    Step("approve", "批准这一内容", frozenset({BatchState.FROZEN, BatchState.IN_APPROVAL})),
    Step("export", "发出付款文件", frozenset({BatchState.APPROVED}), warns=True),
    Step("submit", "登记：已交银行", frozenset({BatchState.EXPORTED, BatchState.NOT_RECEIVED})),
    Step(
        "doubt", "登记：银行逾期未答", frozenset({BatchState.EXPORTED, BatchState.SUBMITTED, BatchState.ACKNOWLEDGED})
    ),
    Step("reconcile", "对账", frozenset({BatchState.SETTLED})),
    Step("close", "结案", frozenset({BatchState.RECONCILED})),
    Step("reissue", "退回的重新发放", _BACK, asks="理由"),
    Step("resume", "恢复（须重新审批）", frozenset({BatchState.STOPPED}), asks="理由"),
    Step("stopped", "登记：银行已止付", frozenset({BatchState.STOP_REQUESTED}), asks="依据"),
    Step("not-stopped", "登记：银行未能止付", frozenset({BatchState.STOP_REQUESTED}), asks="依据"),
    Step("stop", "叫停", (BEFORE_EXPORT | AT_THE_BANK) - {BatchState.STOPPED, BatchState.STOP_REQUESTED}, asks="理由"),
    Step("reject", "驳回", frozenset({BatchState.FROZEN, BatchState.IN_APPROVAL}), asks="理由"),
    Step("cancel", "撤销", BEFORE_EXPORT - {BatchState.REJECTED, BatchState.CANCELLED}, asks="理由"),
)
"""In the order in which they stand on the sheet."""


def routes() -> list[Route]:
    """Return the routes."""
    deeds: list[tuple[str, View, frozenset[Role]]] = [
        ("approve", approve, SIGNS),
        ("reject", reject, SIGNS),
        ("cancel", cancel, STOPS),
        ("stop", stop, STOPS),
        ("resume", resume, STOPS),
        ("stopped", bank_stopped, SENDS),
        ("not-stopped", bank_did_not_stop, SENDS),
        ("submit", submit, SENDS),
        ("doubt", doubt, SENDS),
        ("inquire", inquire, SENDS),
        ("confirm", confirm, SENDS),
        ("reissue", reissue, SENDS),
        ("reconcile", reconcile, SENDS),
        ("close", close, SENDS),
    ]
    return [
        page(PLACE, listed, For.OFFICER, BATCHES),
        page(PLACE + "/{batch}", sheet, For.OFFICER, BATCHES),
        *(deed(f"{PLACE}/{{batch}}/{name}", view, For.OFFICER, roles) for name, view, roles in deeds),
        deed(PLACE + "/{batch}/export", export, For.OFFICER, SENDS, is_sensitive=True),
        deed(PLACE + "/{batch}/file", take_payment_file, For.OFFICER, SENDS, is_sensitive=True),
    ]


def listed(visit: Visit) -> Response:
    """Show the batches of a group, and how many there are in each."""
    rows = batch_rows(visit.deployment, remit=visit.remit)
    counts = {name: sum(row.batch.state in states for row in rows) for name, (_, states) in GROUPS.items()}
    chosen = visit.asked("group") if visit.asked("group") in GROUPS else next(iter(GROUPS))
    words = visit.asked("words")
    shown = [row for row in rows if row.batch.state in GROUPS[chosen][1] and _is_meant(row.batch, words)]
    return visit.page(
        "console/batches.html",
        rows=shown,
        groups=GROUPS,
        counts=counts,
        chosen=chosen,
        words=payout_words,
        words_asked=words,
    )


def _is_meant(batch: BatchRecord, words: str) -> bool:
    return has_every_word(words, batch.title, batch.payer, batch.batch_id)


def sheet(visit: Visit) -> Response:
    """Show everything about a batch, with the deeds that it stands open to."""
    batch = _batch(visit)
    found = sheet_of(visit.deployment, batch.batch_id)
    return visit.page(
        "console/batch.html",
        sheet=found,
        batch=batch,
        words=payout_words,
        capital=yuan_capital(batch.total_fen),
        steps=[step for step in STEPS if batch.state in step.states],
        is_asked=batch.state in AT_THE_BANK,
        said={"file": [each for each in Found if each in OF_FILES], "line": [Found.PAID, Found.FAILED]},
        warnings=visit.said(open_access(visit.deployment)),
        done=visit.asked("done"),
    )


def approve(visit: Visit) -> Response:
    """Approve the content whose hash stood on the sheet that was read."""
    approved = deciding.approve(visit.deployment, _batch(visit).batch_id, content_hash=visit.given("hash"), by=visit.by)
    is_done = approved.state is BatchState.APPROVED
    return _back(visit, "已批准，可以发出" if is_done else "已记下您的批准，还须他人批准")


def reject(visit: Visit) -> Response:
    """Say no: its items are open again."""
    deciding.reject(visit.deployment, _batch(visit).batch_id, by=visit.by, reason=_reason(visit))
    return _back(visit, "已驳回，各笔重新待发")


def cancel(visit: Visit) -> Response:
    """Take a batch back that has not gone out."""
    deciding.cancel(visit.deployment, _batch(visit).batch_id, by=visit.by, reason=_reason(visit))
    return _back(visit, "已撤销，各笔重新待发")


def stop(visit: Visit) -> Response:
    """Stop a batch at any time."""
    stopped = deciding.stop(visit.deployment, _batch(visit).batch_id, by=visit.by, reason=_reason(visit))
    return _back(visit, "已叫停，不会发出" if stopped.state is BatchState.STOPPED else "已登记止付请求，请联系银行")


def resume(visit: Visit) -> Response:
    """Let a stopped batch go on, as another person than who stopped it."""
    deciding.resume(visit.deployment, _batch(visit).batch_id, by=visit.by, reason=_reason(visit))
    return _back(visit, "已恢复，须重新审批")


def bank_stopped(visit: Visit) -> Response:
    """Say that the bank has not carried it out."""
    return _stop_answered(visit, is_stopped=True)


def bank_did_not_stop(visit: Visit) -> Response:
    """Say that the bank carries it out all the same."""
    return _stop_answered(visit, is_stopped=False)


def _stop_answered(visit: Visit, *, is_stopped: bool) -> Response:
    evidence = _reason(visit)
    deciding.answer_stop(
        visit.deployment, _batch(visit).batch_id, is_stopped=is_stopped, by=visit.by, evidence=evidence
    )
    return _back(visit, "已登记银行的答复")


def export(visit: Visit) -> Response:
    """Let an approved batch go out."""
    gone = exporting.export(visit.deployment, _batch(visit).batch_id, by=visit.by)
    return _back(visit, "已发出：%(count)s 个付款文件，请下载后交银行", count=len(gone.files))


def submit(visit: Visit) -> Response:
    """Say that its files were handed to the bank."""
    exporting.hand_over(visit.deployment, _batch(visit).batch_id, by=visit.by)
    return _back(visit, "已登记：付款文件已交银行")


def doubt(visit: Visit) -> Response:
    """Say that the bank's answer is overdue."""
    count = inquiring.doubt(visit.deployment, _batch(visit).batch_id, by=visit.by)
    return _back(visit, "%(count)s 笔结果不明；请向银行查询，登记后由另一人确认", count=count)


def inquire(visit: Visit) -> Response:
    """Keep what was learned of a file or of a payment in doubt."""
    batch, number, reference = _batch(visit), visit.given("number"), visit.given("reference")
    asked = (int(number), None) if number.isdecimal() else (None, reference)
    found, evidence = visit.given("found"), _reason(visit)
    if found not in set(Found):
        raise missing()
    inquiring.state_answer(visit.deployment, batch.batch_id, asked, found=found, evidence=evidence, by=visit.by)
    return _back(visit, "已登记，等待另一人确认")


def confirm(visit: Visit) -> Response:
    """Confirm what another person learned."""
    number = visit.given("number")
    if not number.isdecimal():
        raise missing()
    inquiring.confirm_answer(visit.deployment, _batch(visit).batch_id, int(number), by=visit.by)
    return _back(visit, "已确认")


def reissue(visit: Visit) -> Response:
    """Let what came back be paid again."""
    count = deciding.reissue(visit.deployment, _batch(visit).batch_id, by=visit.by, reason=_reason(visit))
    return _back(visit, "%(count)s 笔重新待发，下一个工作日的夜间作业归集", count=count)


def reconcile(visit: Visit) -> Response:
    """Say that the batch and the account's statements agree."""
    inquiring.reconcile(visit.deployment, _batch(visit).batch_id, by=visit.by)
    return _back(visit, "账实相符，已对账")


def close(visit: Visit) -> Response:
    """Close a reconciled batch."""
    inquiring.close(visit.deployment, _batch(visit).batch_id, by=visit.by)
    return _back(visit, "已结案")


def take_payment_file(visit: Visit) -> Response:
    """Give a payment file to who carries it to the bank; who took it is kept, for names and accounts stand in it."""
    batch, number = _batch(visit), visit.given("number")
    paths = exporting.put_in_place(visit.deployment, batch.batch_id)
    with visit.deployment.store.writing() as tx:
        files = zip(files_of(tx, batch.batch_id), paths, strict=True)
        found = next(((file, path) for file, path in files if str(file.number) == number), None)
        if found is None:
            raise missing()
        file, path = found
        record(tx, "batch.file_taken", by=visit.by, about=batch.batch_id, said={"sha256": file.sha256})
    return attachment(file.name, "application/octet-stream", path.read_bytes())


def _batch(visit: Visit) -> BatchRecord:
    with visit.deployment.store.reading() as rx:
        return batch_of(rx, visit.named("batch"))


def _reason(visit: Visit) -> str:
    return visit.given("reason")


def _back(visit: Visit, said: str, /, **values: object) -> Response:
    return visit.say(f"{PLACE}/{visit.named('batch')}", said, **values)
