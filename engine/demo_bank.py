"""A month with a bank that has bad days: from frozen batches to reconciled ones, and what was done about each fault.

A made-up district goes up to its first pay day. Its batches are approved and sent, each file to a bank with a whim of its
own; what the bank says is taken in, what it does not say is asked for, and in the end its books are laid beside ours.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import polars as pl

from core.clock import civil_instant
from core.days import add_days
from core.errors import MianshenError
from core.findings import Code
from core.ids import bytes_digest
from delivery.bank_verdicts import judge
from delivery.banking.acknowledgements import read_acknowledgement
from delivery.banking.payment_files import payment_files
from delivery.banking.profiles import FOLDER, SHIPPED, profile_named, read_profiles
from delivery.banking.statements import StatementKind, read_statement
from delivery.codes import DeliveryCode
from delivery.payout_table import payout_table
from delivery.private_files import write_private
from delivery.stored_batches import read_batch
from delivery.vault_books import payee_key
from engine.demo import PAYMASTER, SIGNATORIES, Said, Stage, staged
from engine.district.bank import LATE_DAYS, Bank, Whim
from engine.district.bank_answers import Answer, AnswerKind
from engine.district.plan import PlannedNight
from store.approvals import Ballot, approve_batch
from store.bank_lines import (
    BankFileHead,
    BankFileRecord,
    attempts_with,
    bank_file_with,
    fail_lines,
    keep_bank_file,
    reopen_items,
    said_before,
)
from store.batches import BatchRecord, batch_of, move_batch, read_batches, read_lines
from store.inquiries import Found, Statement, confirm_found, mark_unknown, state_found
from store.payouts import FileHead, Release, export_batch, file_named, move_file
from store.reconciling import exceptions_of, reconcile_batch, resolve_exception
from store.states import AttemptState, BatchState, FileState

COLLEAGUE = "示例会计"
FAILING_PER_MILLE = 20
OVERDUE_DAYS = 3  # after which silence is taken for doubt

_APPROVALS_COUNT = dt.timedelta(days=3)
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
        profiles = read_profiles(self.deployment.workspace.root / FOLDER)
        self.profile = profile_named(profiles, _OWN)
        self.bank = Bank(self.profile, seed=seed, failing_per_mille=FAILING_PER_MILLE)
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
        people_for = self.deployment.workspace.settings.payouts.people_for
        for batch in self.frozen:
            self.said(f"{self.today} sending {batch.title}")
            needed = people_for(batch.total_fen)
            for signatory in SIGNATORIES[:needed]:
                with self.deployment.store.writing() as tx:
                    ballot = Ballot(needed, tx.now + _APPROVALS_COUNT)
                    approve_batch(tx, batch.batch_id, approved_hash=batch.content_hash, by=signatory, ballot=ballot)
            self.told.files += self._exported(batch, needed)
        for sent, whim in zip(sorted(self.told.files, key=lambda each: -each.line_count), _WHIMS, strict=False):
            sent.whim = whim
        for sent in self.told.files:
            self._hand_over(sent, [sent.whim] if sent.whim else [])

    def _exported(self, batch: BatchRecord, needed: int) -> list[SentFile]:
        """Let a batch go out in the files of the bank's profile."""
        with self.deployment.store.reading() as rx:
            whole = read_batch(rx, batch.batch_id)
        payees = self.deployment.book(PAYMASTER).payees(whole.lines["subject_id"].unique())
        files = payment_files(payout_table(whole, payees), self.profile)
        heads = [
            FileHead(
                number=file.number,
                name=file.name,
                profile=self.profile.code,
                profile_version=self.profile.version,
                line_count=file.count,
                total_fen=file.total_fen,
                hash_total=file.hash_total,
                sha256=file.sha256,
            )
            for file in files
        ]
        numbers = pl.Series([file.number for file in files for _ in range(file.count)], dtype=pl.Int64)
        carried = whole.lines.select("reference", file_number=numbers)
        with self.deployment.store.writing() as tx:
            export_batch(tx, batch.batch_id, Release(batch.content_hash, needed, PAYMASTER), heads, carried)
        return [
            SentFile(batch.batch_id, batch.title, file.number, file.name, file.count, file.total_fen, file.data)
            for file in files
        ]

    def _hand_over(self, sent: SentFile, whims: Iterable[Whim] = ()) -> None:
        write_private(self.folder / "to-bank" / sent.name, sent.data)
        self._move(sent, FileState.SUBMITTED)
        self.bank.receive(sent.name, sent.data, on=self.today, whims=list(whims))

    def hear(self, answers: Iterable[Answer]) -> None:
        """Take in what the bank sends."""
        for answer in answers:
            write_private(self.folder / "from-bank" / answer.name, answer.data)
            self.said(f"{self.today} from the bank: {answer.name}")
            if answer.kind is AnswerKind.ACKNOWLEDGEMENT:
                self._hear_acknowledgement(answer)
            else:
                self._hear_lines(answer)

    def _hear_acknowledgement(self, answer: Answer) -> None:
        (said,) = read_acknowledgement(answer.data, self.profile, answer.name)
        sent = self._sent(said.file_name)
        if said.is_accepted:
            self._move(sent, FileState.ACKNOWLEDGED)
            self._note(sent, "银行已受理，笔数、金额与校验值一致")
            return
        with self.deployment.store.writing() as tx:
            count = fail_lines(tx, sent.batch_id, sent.number)
        self._move(sent, FileState.REJECTED, reason=said.reason)
        self._note(sent, f"银行拒收整个文件（{said.reason}）：{count} 笔均未付出，退回待下次发放")

    def _hear_lines(self, answer: Answer) -> None:
        """Take in a return file or a statement; one that is not whole is put aside and asked for again."""
        sent = next((each for each in self.told.files if each.name.rsplit(".", 1)[0] in answer.name), None)
        try:
            read = read_statement(answer.data, self.profile, answer.name, kind=StatementKind(answer.kind))
        except MianshenError as error:
            self._put_aside(sent, answer, error.findings[0].message)
            return
        if not read.is_whole:
            self._put_aside(sent, answer, _CUT.get(read.findings[0].code, read.findings[0].message))
            return
        head = BankFileHead(answer.name, answer.kind.value, self.profile.name, bytes_digest(answer.data))
        with self.deployment.store.reading() as rx:
            before = {(each.bank_file_id, each.line) for each in exceptions_of(rx)}
        known = self._taken(head, read.lines)
        if sent is None:
            return
        if known.name != answer.name:
            self._note(sent, "同一回盘文件再次送来：已接收过，不重复登记")
            return
        unpaid = read.lines.filter(pl.col("outcome") == "failed").height
        self._note(sent, f"逐笔核对回盘：{_verdicts(known.counts)}" + (f"；其中银行未付 {unpaid} 笔" if unpaid else ""))
        with self.deployment.store.reading() as rx:
            fresh = [each for each in exceptions_of(rx) if (each.bank_file_id, each.line) not in before]
        for each in fresh:
            self._note(sent, f"第 {each.line} 行{_WHY.get(each.because, each.because)}：不作已付处理，列为例外")

    def _taken(self, head: BankFileHead, said: pl.DataFrame) -> BankFileRecord:
        """Judge and keep what the bank said; the same bytes once."""
        with self.deployment.store.writing() as tx:
            known = bank_file_with(tx, head.sha256)
            if known is not None:
                return known
            references = said["reference"]
            keyed = partial(payee_key, self.deployment.seals)
            lines = judge(said, attempts_with(tx, references), said_before(tx, references), keyed=keyed)
            return keep_bank_file(tx, head, lines, by=PAYMASTER)

    def _put_aside(self, sent: SentFile | None, answer: Answer, why: str) -> None:
        self.told.refused.append(answer.name)
        if sent is not None:
            self._note(sent, f"回盘文件不完整（{why}），一行也不采用，向银行重新索取")

    def ask(self) -> None:
        """Ask the bank about everything that it has not answered by now; nobody guesses."""
        for sent in self.told.files:
            if not self._is_in_doubt(sent):
                continue
            with self.deployment.store.writing() as tx:
                mark_unknown(tx, sent.batch_id, by=PAYMASTER)
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
        found = Statement(Found.NOT_RECEIVED, "银行书面答复：未收到该文件", file_number=sent.number)
        with self.deployment.store.writing() as tx:
            said = state_found(tx, sent.batch_id, found, by=PAYMASTER)
        with self.deployment.store.writing() as tx:
            confirm_found(tx, sent.batch_id, said.number, by=COLLEAGUE)
        self._note(sent, f"查询：银行从未收到；{PAYMASTER}登记、{COLLEAGUE}确认")

    def _is_in_doubt(self, sent: SentFile) -> bool:
        with self.deployment.store.reading() as rx:
            lines = read_lines(rx, sent.batch_id, is_whole=True)
        waits = pl.col("attempt_state").is_in([AttemptState.INSTRUCTED.value, AttemptState.UNKNOWN.value])
        return not lines.filter((pl.col("file_number") == sent.number) & waits).is_empty()

    def settle_exceptions(self) -> None:
        """Have another person settle the lines that fitted no instruction, with what the inquiry brought."""
        with self.deployment.store.reading() as rx:
            waiting = exceptions_of(rx)
        for each in waiting:
            with self.deployment.store.writing() as tx:
                resolve_exception(
                    tx, each.bank_file_id, each.line, by=COLLEAGUE, resolution="银行更正：以查询结果和对账单为准"
                )

    def take_statements(self) -> None:
        """Take in the statement of every day on which something was booked."""
        for day in sorted({each.booked_on for each in self.bank.books}):
            self.hear([self.bank.statement(day)])

    def reconcile(self) -> None:
        """Compare every batch with the statements, and the bank's books with ours; let what came back be paid anew."""
        for batch in self.frozen:
            with self.deployment.store.writing() as tx:
                now = batch_of(tx, batch.batch_id)
                if now.state is BatchState.FILE_REJECTED:
                    after = move_batch(tx, now, BatchState.RELEASED, by=COLLEAGUE, reason="银行拒收整个文件")
                else:
                    after = reconcile_batch(tx, batch.batch_id, by=COLLEAGUE).batch
            self.told.batches.append((batch.title, after.state))
        with self.deployment.store.reading() as rx:
            lines = pl.concat(read_lines(rx, batch.batch_id, is_whole=True) for batch in self.frozen)
            for sent in self.told.files:
                record = file_named(rx, sent.name)
                assert record is not None, sent.name
                sent.state = record.state
        sums = lines.group_by("attempt_state").agg(pl.len(), pl.col("amount_fen").sum()).sort("attempt_state")
        self.told.attempts = {AttemptState(state): (count, fen) for state, count, fen in sums.iter_rows()}
        self._compare(lines)
        back = lines.filter(
            pl.col("attempt_state").is_in([AttemptState.CONFIRMED_FAILED.value, AttemptState.RETURNED.value])
        )
        with self.deployment.store.writing() as tx:
            self.told.reissued_count = reopen_items(tx, back["reference"]) if back.height else 0

    def _compare(self, lines: pl.DataFrame) -> None:
        """Lay the bank's books beside ours, payment by payment."""
        books = self.bank.paid_fen()
        self.told.bank_paid_fen = sum(books.values())
        for reference, amount_fen, state in lines.select("reference", "amount_fen", "attempt_state").iter_rows():
            got = books.get(reference, 0)
            self.told.paid_twice_count += got > amount_fen
            self.told.differing_count += (got == amount_fen) is not (state == AttemptState.CONFIRMED_PAID)

    def _sent(self, name: str) -> SentFile:
        return next(each for each in self.told.files if each.name == name)

    def _move(self, sent: SentFile, target: FileState, reason: str | None = None) -> None:
        with self.deployment.store.writing() as tx:
            record = file_named(tx, sent.name)
            assert record is not None, sent.name
            if record.state is not target:
                move_file(tx, record, target, by=PAYMASTER, reason=reason)

    def _note(self, sent: SentFile, words: str) -> None:
        sent.done.append((self.today, words))


_CUT: Mapping[Code, str] = {
    DeliveryCode.STATEMENT_CUT: "没有结尾",
    DeliveryCode.STATEMENT_TOTALS: "合计不符",
    DeliveryCode.LINES_UNREADABLE: "有读不了的行",
}
_VERDICT_WORDS = {"matched": "相符", "duplicate": "重复", "late_change": "事后退回", "exception": "与指令不符"}
_WHY = {"amount": "金额与指令不符", "account": "账号与指令不符", "name": "户名与指令不符"}


def _verdicts(counts: Mapping[str, int]) -> str:
    """Return what lines of a file came to: 相符 69 笔、与指令不符 1 笔."""
    return "、".join(f"{word} {counts[verdict]} 笔" for verdict, word in _VERDICT_WORDS.items() if counts.get(verdict))
