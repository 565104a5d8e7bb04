"""A month with a bank that has bad days: from frozen batches to reconciled ones, and what was done about each fault.

A made-up district goes up to its first pay day. Its batches are approved and sent, each file to a bank with a whim of its
own; what the bank says is taken in, what it does not say is asked for, and in the end its books are laid beside ours.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from core.clock import civil_instant
from core.days import add_days
from core.errors import DeliveryError
from core.findings import Code, Finding
from delivery.banking.profiles import FOLDER, SHIPPED
from delivery.codes import DeliveryCode
from delivery.private_files import write_private
from engine.demo import PAYMASTER, SIGNATORIES, Said, Stage, staged
from engine.district.bank import LATE_DAYS, Bank, Whim
from engine.district.bank_answers import Answer, AnswerKind
from engine.district.plan import PlannedNight
from engine.paying.answers import BankFileKind, TakenIn, take_file
from engine.paying.deciding import approve, people_for, reissue
from engine.paying.exporting import export, hand_over, profile_for
from engine.paying.inquiring import (
    confirm_answer,
    doubt,
    reconcile,
    settle_exception,
    state_answer,
    waiting_exceptions,
)
from store.batches import batch_of, read_batches, read_lines
from store.payouts import file_named
from store.reconciling import BankException
from store.states.paying import AttemptState, BatchState, FileState

COLLEAGUE = "示例会计"
FAILING_PER_MILLE = 20
OVERDUE_DAYS = 3  # after which silence is taken for doubt

_SHIPPED, _OWN = "agent-bank-bar@1", "agent-bank-bar@2"
_FILES_OF_THE_LARGEST = 7  # as many faults need a file with some lines in it
_WHIMS = (
    Whim.CHANGES_AMOUNT,
    Whim.CHANGES_ACCOUNT,
    Whim.CHANGES_NAME,
    Whim.REORDERS,
    Whim.RETURNS_LATE,
    Whim.TRUNCATES,
    Whim.ANSWERS_TWICE,
    Whim.LOSES_ANSWER,
    Whim.LOSES_FILE,
    Whim.REJECTS_FILE,
)
"""What goes wrong with the largest file, the next one, and so on; the rest have good days."""


_DONE = frozenset({BatchState.RECONCILED, BatchState.RELEASED})


@dataclass(slots=True)
class SentFile:
    """One payment file, what went wrong with it, and what was done, day by day."""

    batch_id: str
    title: str
    number: int
    name: str
    line_count: int
    total_fen: int
    data: bytes = field(repr=False)
    whim: Whim | None = None
    done: list[tuple[dt.date, str]] = field(default_factory=list)
    state: FileState = FileState.EXPORTED


@dataclass(slots=True)
class BankMonth:
    """What a month came to, by our books and by the bank's."""

    root: Path
    folder: Path
    files: list[SentFile] = field(default_factory=list)
    batches: list[tuple[str, BatchState]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    attempts: Mapping[AttemptState, tuple[int, int]] = field(default_factory=dict)  # by state: lines and fen
    bank_paid_fen: int = 0
    paid_twice_count: int = 0  # payments of which the bank's books show more than was instructed
    differing_count: int = 0  # payments that one side holds as paid and the other does not
    reissued_count: int = 0

    @property
    def is_right(self) -> bool:
        """Say whether every fen is where both sides say that it is."""
        states = {state for _, state in self.batches}
        return states <= _DONE and not (self.paid_twice_count or self.differing_count)


def run_bank_demo(folder: Path, *, people: int, enterprises: int, seed: int, said: Said) -> BankMonth:
    """Take a made-up district to its first pay day and through the month after it.

    Fails: as `engine.demo.staged`.
    """
    with staged(folder, people=people, enterprises=enterprises, seed=seed, said=said) as stage:
        for instant, step in stage.demo.plan.steps():
            stage.take(instant, step)
            if isinstance(step, PlannedNight):
                return through_month(stage, folder / "bank", step.business_date, seed=seed)
    raise AssertionError("a district has nights")


def through_month(stage: Stage, folder: Path, frozen_on: dt.date, *, seed: int) -> BankMonth:
    """Approve and send what was frozen, live with the bank's answers, and reconcile."""
    month = _Month(stage, folder, seed)
    first = add_days(frozen_on, 1)
    asked, last = add_days(first, OVERDUE_DAYS), add_days(first, 2 * LATE_DAYS)
    month.begin(first)
    month.send()
    for number in range((last - first).days + 1):
        month.begin(add_days(first, number))
        month.hear(month.bank.answers(month.today))
        if month.today == asked:
            month.ask()
    month.settle_exceptions()
    month.take_statements()
    month.reconcile()
    return month.told


class _Month:
    """The month while it goes by."""

    def __init__(self, stage: Stage, folder: Path, seed: int) -> None:
        self.deployment, self.clock, self.said, self.folder = stage.deployment, stage.clock, stage.said, folder
        with self.deployment.store.reading() as rx:
            self.frozen = read_batches(rx, states=[BatchState.FROZEN])
        self._write_profile(-(-max(each.item_count for each in self.frozen) // _FILES_OF_THE_LARGEST))
        self.bank = Bank(profile_for(self.deployment, _OWN), seed=seed, failing_per_mille=FAILING_PER_MILLE)
        self.told = BankMonth(self.deployment.workspace.root, folder)
        self.today = max(each.pay_day for each in self.frozen)

    def _write_profile(self, lines_max: int) -> None:
        """Give the workspace a version of its own, with smaller files: as one does to connect a bank."""
        text = (SHIPPED / f"{_SHIPPED}.yaml").read_text("utf-8")
        own = text.replace("version: 1", "version: 2", 1).replace("lines_max: 50000", f"lines_max: {lines_max}", 1)
        path = self.deployment.workspace.root / FOLDER / f"{_OWN}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(own, "utf-8")

    def begin(self, day: dt.date) -> None:
        """Let a day begin."""
        self.today, self.clock.instant = day, civil_instant(day, 10)

    def send(self) -> None:
        """Have every batch approved by as many people as its amount asks for, and give its files to the bank."""
        for batch in self.frozen:
            self.said(f"{self.today} sending {batch.title}")
            for signatory in SIGNATORIES[: people_for(self.deployment, batch)]:
                approve(self.deployment, batch.batch_id, content_hash=batch.content_hash, by=signatory)
            out = export(self.deployment, batch.batch_id, by=PAYMASTER, profile=_OWN)
            self.told.files += [
                SentFile(
                    batch.batch_id,
                    batch.title,
                    file.number,
                    file.name,
                    file.line_count,
                    file.total_fen,
                    path.read_bytes(),
                )
                for file, path in zip(out.files, out.paths, strict=True)
            ]
        for sent, whim in zip(sorted(self.told.files, key=lambda each: -each.line_count), _WHIMS, strict=False):
            sent.whim = whim
        for sent in self.told.files:
            self._hand_over(sent, [sent.whim] if sent.whim else [])

    def _hand_over(self, sent: SentFile, whims: Iterable[Whim] = ()) -> None:
        write_private(self.folder / "to-bank" / sent.name, sent.data)
        hand_over(self.deployment, sent.batch_id, by=PAYMASTER, number=sent.number)
        self.bank.receive(sent.name, sent.data, on=self.today, whims=list(whims))

    def hear(self, answers: Iterable[Answer]) -> None:
        """Take in what the bank sends; what is not whole is put aside and asked for again."""
        for answer in answers:
            path = self.folder / "from-bank" / answer.name
            write_private(path, answer.data)
            self.said(f"{self.today} from the bank: {answer.name}")
            sent = next((each for each in self.told.files if each.name.rsplit(".", 1)[0] in answer.name), None)
            before = {exception_key(each) for each in waiting_exceptions(self.deployment)}
            try:
                kind = BankFileKind(answer.kind.value)
                taken = take_file(self.deployment, path, by=PAYMASTER, profile=_OWN, kind=kind)
            except DeliveryError as error:
                self._put_aside(sent, answer, error.findings[0])
                continue
            if sent is not None and answer.kind is AnswerKind.ACKNOWLEDGEMENT:
                self._note_acknowledgement(sent)
            elif sent is not None:
                self._note_lines(sent, taken, before)

    def _note_acknowledgement(self, sent: SentFile) -> None:
        with self.deployment.store.reading() as rx:
            record = file_named(rx, sent.name)
        if record is not None and record.state is FileState.REJECTED:
            self._note(sent, f"银行拒收整个文件：{sent.line_count} 笔均未付出，退回待下次发放")
        else:
            self._note(sent, "银行已受理，笔数、金额与校验值一致")

    def _note_lines(self, sent: SentFile, taken: TakenIn, before: Collection[str]) -> None:
        if taken.is_repeat:
            self._note(sent, "同一回盘文件再次送来：已接收过，不重复登记")
            return
        unpaid = self._lines(sent).filter(pl.col("attempt_state") == AttemptState.CONFIRMED_FAILED).height
        words = f"逐笔核对回盘：{_verdicts(taken.record.counts)}"
        self._note(sent, f"{words}；银行未能付出 {unpaid} 笔" if unpaid else words)
        for each in waiting_exceptions(self.deployment):
            if exception_key(each) not in before:
                self._note(sent, f"第 {each.line} 行{_WHY.get(each.because, each.because)}：不作已付处理，列为例外")

    def _put_aside(self, sent: SentFile | None, answer: Answer, why: Finding) -> None:
        self.told.refused.append(answer.name)
        if sent is not None:
            words = _CUT.get(why.code, why.message)
            self._note(sent, f"回盘文件不完整（{words}），一行也不采用，向银行重新索取")

    def ask(self) -> None:
        """Ask the bank about everything that it has not answered by now; nobody guesses."""
        for sent in self.told.files:
            if not self._is_in_doubt(sent):
                continue
            doubt(self.deployment, sent.batch_id, by=PAYMASTER)
            self._note(sent, "逾期未答，转为“不明”：既不当作已付，也不重发，先向银行查询")
            answer = self.bank.inquire(sent.name, on=self.today)
            if answer is not None:
                self._note(sent, "查询：银行已收到文件，重新提供逐笔结果")
                self.hear([answer])
                continue
            self._confirm_never_received(sent)
            self._hand_over(sent)
            self._note(sent, "原文件重发（字节相同、校验值相同），银行受理")

    def _confirm_never_received(self, sent: SentFile) -> None:
        """Have two people say that the bank never had a file; only then may the same bytes go again."""
        asked, evidence = (sent.number, None), "银行书面答复：未收到该文件"
        said = state_answer(
            self.deployment, sent.batch_id, asked, found="not_received", evidence=evidence, by=PAYMASTER
        )
        confirm_answer(self.deployment, sent.batch_id, said.number, by=COLLEAGUE)
        self._note(sent, f"查询：银行从未收到；{PAYMASTER}登记、{COLLEAGUE}确认")

    def _is_in_doubt(self, sent: SentFile) -> bool:
        waits = pl.col("attempt_state").is_in([AttemptState.INSTRUCTED, AttemptState.UNKNOWN])
        return not self._lines(sent).filter(waits).is_empty()

    def _lines(self, sent: SentFile) -> pl.DataFrame:
        with self.deployment.store.reading() as rx:
            lines = read_lines(rx, sent.batch_id, is_whole=True)
        return lines.filter(pl.col("file_number") == sent.number)

    def settle_exceptions(self) -> None:
        """Have another person settle the lines that fitted no instruction, with what the inquiry brought."""
        for each in waiting_exceptions(self.deployment):
            resolution = "银行更正：以查询结果和对账单为准"
            settle_exception(self.deployment, exception_key(each), by=COLLEAGUE, resolution=resolution)

    def take_statements(self) -> None:
        """Take in the statement of every day on which something was booked."""
        for day in sorted({each.booked_on for each in self.bank.books}):
            self.hear([self.bank.statement(day)])

    def reconcile(self) -> None:
        """Compare every batch with the statements, and the bank's books with ours; let what came back be paid anew."""
        reason = "更正收款信息后重发"
        for batch in self.frozen:
            with self.deployment.store.reading() as rx:
                is_refused = batch_of(rx, batch.batch_id).state is BatchState.FILE_REJECTED
            if not is_refused:
                reconcile(self.deployment, batch.batch_id, by=COLLEAGUE)
        with self.deployment.store.reading() as rx:
            lines = pl.concat(
                read_lines(rx, each.batch_id, is_whole=True).with_columns(batch_id=pl.lit(each.batch_id))
                for each in self.frozen
            )
            for sent in self.told.files:
                record = file_named(rx, sent.name)
                assert record is not None, sent.name
                sent.state = record.state
        sums = lines.group_by("attempt_state").agg(pl.len(), pl.col("amount_fen").sum()).sort("attempt_state")
        self.told.attempts = {AttemptState(state): (count, fen) for state, count, fen in sums.iter_rows()}
        self._compare(lines)
        back = lines.filter(pl.col("attempt_state").is_in([AttemptState.CONFIRMED_FAILED, AttemptState.RETURNED]))
        for batch in self.frozen:
            if batch.batch_id in back["batch_id"]:
                self.told.reissued_count += reissue(self.deployment, batch.batch_id, by=PAYMASTER, reason=reason)
        with self.deployment.store.reading() as rx:
            self.told.batches = [(each.title, batch_of(rx, each.batch_id).state) for each in self.frozen]

    def _compare(self, lines: pl.DataFrame) -> None:
        """Lay the bank's books beside ours, payment by payment."""
        books = self.bank.paid_fen()
        self.told.bank_paid_fen = sum(books.values())
        for reference, amount_fen, state in lines.select("reference", "amount_fen", "attempt_state").iter_rows():
            got = books.get(reference, 0)
            self.told.paid_twice_count += got > amount_fen
            self.told.differing_count += (got == amount_fen) is not (state == AttemptState.CONFIRMED_PAID)

    def _note(self, sent: SentFile, words: str) -> None:
        sent.done.append((self.today, words))


_CUT: Mapping[Code, str] = {
    DeliveryCode.STATEMENT_CUT: "没有结尾",
    DeliveryCode.STATEMENT_TOTALS: "合计不符",
    DeliveryCode.LINES_UNREADABLE: "有读不了的行",
}
_VERDICT_WORDS = {"matched": "相符", "duplicate": "重复", "late_change": "事后退回", "exception": "与指令不符"}
_WHY = {"amount": "金额与指令不符", "account": "账号与指令不符", "name": "户名与指令不符"}


def exception_key(exception: BankException) -> str:
    """Return how lists name an exception."""
    return f"{exception.bank_file_id}:{exception.line}"


def _verdicts(counts: Mapping[str, int]) -> str:
    """Return what lines of a file came to: 相符 69 笔、与指令不符 1 笔."""
    return "、".join(f"{word} {counts[verdict]} 笔" for verdict, word in _VERDICT_WORDS.items() if counts.get(verdict))
