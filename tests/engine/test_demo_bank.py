"""A month with a bank that has bad days: what really left the account is what the ledger says."""

import io

import pytest
from rich.console import Console

from core.ids import bytes_digest
from delivery.banking.payment_files import read_payment_file
from delivery.banking.profiles import FOLDER, profile_named, read_profiles
from engine.demo_bank import BankMonth, SentFile, run_bank_demo
from engine.district.bank import Whim
from pages.terminal.bank import bank_story
from store.states.paying import AttemptState, BatchState, FileState


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> BankMonth:
    folder = tmp_path_factory.mktemp("bank") / "d"
    return run_bank_demo(folder, people=300, enterprises=40, seed=7, said=lambda _: None)


def of(month: BankMonth, whim: Whim) -> SentFile:
    """Return the file with a whim."""
    return next(each for each in month.files if each.whim is whim)


def words(sent: SentFile) -> str:
    """Return everything that was done about a file."""
    return "\n".join(said for _, said in sent.done)


def test_every_fault_of_the_bank_is_met(month: BankMonth) -> None:
    """Each kind goes wrong with one file at least, and some files have a good month."""
    assert {each.whim for each in month.files} == {*Whim, None}


def test_nobody_is_paid_twice_and_nobody_is_lost(month: BankMonth) -> None:
    """M6, F5: payment by payment, the bank's own books are ours."""
    paid_count, paid_fen = month.attempts[AttemptState.CONFIRMED_PAID]

    assert month.is_right
    assert (month.paid_twice_count, month.differing_count) == (0, 0)
    assert paid_fen == month.bank_paid_fen
    assert paid_count > 0
    assert sum(count for count, _ in month.attempts.values()) == sum(each.line_count for each in month.files)
    assert {state for _, state in month.batches} == {BatchState.RECONCILED, BatchState.RELEASED}


def test_what_came_back_is_open_again(month: BankMonth) -> None:
    """Failed, refused and returned payments wait for a new attempt."""
    back = [AttemptState.CONFIRMED_FAILED, AttemptState.RETURNED]

    assert month.reissued_count == sum(month.attempts[state][0] for state in back)
    assert of(month, Whim.REJECTS_FILE).state is FileState.REJECTED


@pytest.mark.parametrize(
    ("whim", "said"),
    [
        (Whim.LOSES_FILE, "原文件重发"),
        (Whim.LOSES_ANSWER, "银行已收到文件，重新提供逐笔结果"),
        (Whim.ANSWERS_TWICE, "不重复登记"),
        (Whim.RETURNS_LATE, "事后退回 1 笔"),
        (Whim.TRUNCATES, "一行也不采用"),
        (Whim.CHANGES_AMOUNT, "行金额与指令不符：不作已付处理"),
        (Whim.CHANGES_ACCOUNT, "行账号与指令不符：不作已付处理"),
        (Whim.CHANGES_NAME, "行户名与指令不符：不作已付处理"),
        (Whim.REJECTS_FILE, "银行拒收整个文件"),
    ],
)
def test_what_was_done_about_it(month: BankMonth, whim: Whim, said: str) -> None:
    """An official reads on each file what happened and what followed."""
    assert said in words(of(month, whim))


def test_silence_is_doubt_and_only_the_same_bytes_go_again(month: BankMonth) -> None:
    """F6: neither paid nor sent anew before somebody has asked; two people say that the file never arrived."""
    lost = of(month, Whim.LOSES_FILE)

    assert words(lost).index("不明") < words(lost).index("确认") < words(lost).index("原文件重发")
    assert bytes_digest((month.folder / "to-bank" / lost.name).read_bytes()) == bytes_digest(lost.data)


def test_the_files_are_those_of_the_workspaces_own_profile(month: BankMonth) -> None:
    """A version of its own, with smaller files, is what the workspace renders by."""
    profile = profile_named(read_profiles(month.root / FOLDER), "agent-bank-bar")

    assert profile.version == 2
    for sent in month.files:
        assert read_payment_file(sent.data, profile, sent.name).lines.height == sent.line_count


def test_the_story_names_nobody(month: BankMonth) -> None:
    """S3: what is shown has files, counts and sums; who is paid stands in the files alone."""
    console = Console(width=160, file=io.StringIO(), record=True)
    console.print(bank_story(month))
    story = console.export_text()
    profile = profile_named(read_profiles(month.root / FOLDER), "agent-bank-bar")

    people = [read_payment_file(sent.data, profile, sent.name).lines for sent in month.files]
    assert "重复支付 0 笔，两边不一致 0 笔" in story
    assert [name for lines in people for name in lines["name"] if len(name) > 2 and name in story] == []
    assert [account for lines in people for account in lines["account"] if account in story] == []
