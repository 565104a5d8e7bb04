"""`mianshen payouts …`: a batch from its sheet to the reconciled account, as people type it."""

from pathlib import Path

import polars as pl
import pytest

from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED
from core.ledger import NoticeKind
from store.batches import read_batches, read_lines
from store.outbox import read_notices
from store.states.paying import BatchState
from tests.bank_files import ENCODING, lines_of, write_returns, write_statement
from tests.commands.terminal import Said, mianshen
from tests.world import World

PAY_DAY = "2025-01-15"


@pytest.fixture
def frozen(world: World) -> tuple[World, str]:
    """Return a world with one batch that waits for approval."""
    world.rule(on="2025-01-03")
    world.night(PAY_DAY)
    with world.store.reading() as rx:
        (batch,) = read_batches(rx, states=[BatchState.FROZEN])
    return world, batch.batch_id


def _payouts(world: World, *words: object) -> Said:
    return mianshen("payouts", *words, "-w", world.root)


def _hash(world: World, batch: str) -> str:
    shown = _payouts(world, "show", batch).out
    return next(line.split()[1] for line in shown.splitlines() if line.startswith("内容校验值"))


def _exported(world: World, batch: str) -> Path:
    assert _payouts(world, "approve", batch, "--hash", _hash(world, batch), "--by", "wang").code == EXIT_DONE
    assert _payouts(world, "export", batch, "--by", "li").code == EXIT_DONE
    (path,) = (world.root / "payouts").rglob("*.txt")
    return path


def _another_account(world: World, batch: str) -> Path:
    """Send a batch, and return what the bank says of it: all paid, the first to an account that was not named."""
    sent = _exported(world, batch)
    returns = write_returns(world.root.parent, sent, ["00"] * len(lines_of(sent)))
    text = returns.read_text(ENCODING).replace(lines_of(sent)[0][3], "6222029999999999", 1)
    returns.write_bytes(text.replace("\n", "\r\n").replace("\r\r", "\r").encode(ENCODING))
    return returns


def _exception(world: World) -> tuple[str, str]:
    """Return the list of what waits, and the key of its first line."""
    listed = _payouts(world, "exceptions").out
    return listed, next(word for line in listed.splitlines() for word in line.split() if word.startswith("f_"))


def test_from_the_sheet_to_the_reconciled_account(frozen: tuple[World, str]) -> None:
    """Each step says what comes next; the bank's file twice is once; the account's statement closes it."""
    world, batch = frozen
    assert "待审批" in _payouts(world, "list").out
    sent = _exported(world, batch)
    assert "1 of 1 files are with the bank" in _payouts(world, "submit", batch, "--by", "li").out
    returns = write_returns(world.root.parent, sent, ["00"] * len(lines_of(sent)))

    first, again = (_payouts(world, "import", returns, "--by", "li") for _ in range(2))
    early = _payouts(world, "reconcile", batch, "--by", "li")
    statement = _payouts(world, "import", write_statement(world.root.parent, sent), "--kind", "statement", "--by", "li")
    done = [_payouts(world, word, batch, "--by", "li") for word in ("reconcile", "close")]

    assert "相符 matched" in first.out
    assert "nothing moved" in again.out
    assert (early.code, "stand in no statement" in early.err) == (EXIT_REFUSED, True)
    assert statement.code == EXIT_DONE
    assert [each.code for each in done] == [EXIT_DONE] * 2
    assert "已结案" in _payouts(world, "show", batch).out


def _told(world: World) -> list[tuple[str, str]]:
    """Return event and account word of every notice of a payment made."""
    with world.store.reading() as rx:
        found = read_notices(rx)
    return sorted(
        (each.notice.event, dict(each.notice.values)["account"])
        for each in found
        if each.notice.kind is NoticeKind.PAID
    )


def test_whoever_was_paid_is_told_once(frozen: tuple[World, str]) -> None:
    """N1: one notice for each payment; the statement that books it, and the same file again, tell nothing new."""
    world, batch = frozen
    sent = _exported(world, batch)
    returns = write_returns(world.root.parent, sent, ["00", *["01"] * (len(lines_of(sent)) - 1)])
    rest = write_returns(world.root.parent, sent, ["00"] * len(lines_of(sent)), "rest.txt")
    with world.store.reading() as rx:
        lines = read_lines(rx, batch, is_whole=True)

    assert _payouts(world, "import", returns, "--by", "li").code in {EXIT_DONE, EXIT_FINDINGS}
    first = _told(world)
    _payouts(world, "import", rest, "--by", "li")
    _payouts(world, "import", write_statement(world.root.parent, sent), "--kind", "statement", "--by", "li")

    assert len(first) == 1
    assert first[0] in _told(world)
    assert not any(account.isdecimal() for _, account in _told(world))
    assert {event for event, _ in _told(world)} <= {f"payment {each}" for each in lines["reference"]}


def test_a_payment_that_two_people_found_is_told(frozen: tuple[World, str]) -> None:
    """What the bank never answered and two people learned is a payment made as any other."""
    world, batch = frozen
    sent = _exported(world, batch)
    _payouts(world, "submit", batch, "--by", "li")
    _payouts(world, "inquire", batch, "--by", "li")
    found = (
        "inquire",
        batch,
        "--reference",
        lines_of(sent)[0][2],
        "--found",
        "paid",
        "--evidence",
        "slip 7",
        "--by",
        "li",
    )
    assert _payouts(world, *found).code == EXIT_DONE
    assert _told(world) == []

    assert _payouts(world, "inquire", batch, "--confirm", 1, "--by", "wang").code == EXIT_DONE

    assert [event for event, _ in _told(world)] == [f"payment {lines_of(sent)[0][2]}"]


def test_nobody_approves_and_sends_alone(frozen: tuple[World, str]) -> None:
    """Another hash, the rule's author, the approver as paymaster: each is refused and says why."""
    world, batch = frozen
    held = _hash(world, batch)
    other = _payouts(world, "approve", batch, "--hash", "0" * 12, "--by", "wang")
    short = _payouts(world, "approve", batch, "--hash", held[:6], "--by", "wang")
    author = _payouts(world, "approve", batch, "--hash", held, "--by", "officer")
    _payouts(world, "approve", batch, "--hash", held, "--by", "wang")
    alone = _payouts(world, "export", batch, "--by", "wang")

    assert [each.code for each in (other, short, author, alone)] == [EXIT_REFUSED] * 4
    assert "E313" in other.err
    assert "E319" in author.err
    assert "E319" in alone.err
    assert not list((world.root / "payouts").rglob("*.txt"))


def test_a_payee_whose_account_changed_leaves_the_batch(frozen: tuple[World, str]) -> None:
    """F7, A2: nothing goes out on an approval of the former account; the rest has to be approved anew."""
    world, batch = frozen
    _payouts(world, "approve", batch, "--hash", _hash(world, batch), "--by", "wang")
    with world.store.writing() as tx:
        tx.connection.exec_driver_sql("update batch_item set payee_digest = payee_digest")
        first = read_lines(tx, batch)["subject_id"][0]
        tx.connection.exec_driver_sql(f"delete from personal where subject_id = '{first}' and field = 'account'")  # noqa: S608  # our own id

    said = _payouts(world, "export", batch, "--by", "li")

    assert said.code == EXIT_REFUSED
    assert "E324" in said.err
    assert not list((world.root / "payouts").rglob("*.txt"))
    with world.store.reading() as rx:
        assert read_batches(rx)[0].state in {BatchState.FROZEN, BatchState.CANCELLED}


def test_what_came_back_is_paid_again(frozen: tuple[World, str]) -> None:
    """A failed payment is opened by a person and collected by the next night on a working day, under a new reference."""
    world, batch = frozen
    sent = _exported(world, batch)
    count = len(lines_of(sent))
    _payouts(world, "import", write_returns(world.root.parent, sent, ["02", *["00"] * (count - 1)]), "--by", "li")
    assert "支付失败" in _payouts(world, "show", batch).out
    with world.store.reading() as rx:
        (told,) = rx.connection.exec_driver_sql(
            "select \"values\" from notice where kind = 'payment_returned'"
        ).scalars()
    assert "账号不存在或已销户" in str(told)
    said = _payouts(world, "reissue", batch, "--reason", "account mended", "--same-account", "--by", "li")
    world.night("2025-01-17")

    with world.store.reading() as rx:
        (anew,) = read_batches(rx, states=[BatchState.FROZEN])
        lines = pl.concat(
            read_lines(rx, each, is_whole=True).select("reference", "item_id") for each in (batch, anew.batch_id)
        )
    assert "1 payments are open again" in said.out
    assert anew.pay_day.isoformat() == "2025-01-17"
    assert lines["reference"].n_unique() == count + 1
    assert lines["item_id"].n_unique() == count


def test_a_line_that_differs_waits_for_another_person(frozen: tuple[World, str]) -> None:
    """F4, F5: another amount is an exception; who took the file in does not settle it."""
    world, batch = frozen
    _payouts(world, "import", _another_account(world, batch), "--by", "li")
    listed, key = _exception(world)
    own = _payouts(world, "exceptions", "--settle", key, "--reason", "typed wrong", "--by", "li")
    other = _payouts(world, "exceptions", "--settle", key, "--reason", "typed wrong", "--by", "wang")

    assert "账号不符" in listed
    assert (own.code, other.code) == (EXIT_REFUSED, EXIT_DONE)
    assert "nothing waits" in _payouts(world, "exceptions").out


def test_what_the_bank_paid_after_all_is_settled_by_two(frozen: tuple[World, str]) -> None:
    """F6: the list says failed and then paid: two people, neither of whom took it in, settle that it was paid."""
    world, batch = frozen
    sent = _exported(world, batch)
    count = len(lines_of(sent))
    _payouts(world, "import", write_returns(world.root.parent, sent, ["02"] * count), "--by", "li")
    _payouts(world, "import", write_returns(world.root.parent, sent, ["00"] * count), "--by", "li")
    listed, key = _exception(world)
    settle = ("exceptions", "--settle", key, "--paid", "--reason", "letter 7", "--by")
    own = _payouts(world, *settle, "li")
    said = _payouts(world, *settle, "wang")
    other = _payouts(world, "inquire", batch, "--confirm", 1, "--by", "zhao")

    assert "既称成功又称失败" in listed
    assert (own.code, said.code, other.code) == (EXIT_REFUSED, EXIT_DONE, EXIT_DONE)
    assert f"mianshen payouts inquire {batch} --confirm 1" in said.out
    assert key not in _payouts(world, "exceptions").out
    assert "已到账" in _payouts(world, "show", batch).out


def test_only_a_contradiction_is_settled_as_paid(frozen: tuple[World, str]) -> None:
    """F5: a line with another account pays nothing, whoever says so."""
    world, batch = frozen
    _payouts(world, "import", _another_account(world, batch), "--by", "li")
    _, key = _exception(world)

    said = _payouts(world, "exceptions", "--settle", key, "--paid", "--reason", "letter 7", "--by", "wang")
    unknown = _payouts(world, "exceptions", "--settle", "f_x", "--paid", "--reason", "letter 7", "--by", "wang")

    assert (said.code, unknown.code) == (EXIT_REFUSED, EXIT_REFUSED)
    assert "only what the bank both paid and did not pay" in said.err


def test_what_is_in_doubt_needs_two_people(frozen: tuple[World, str]) -> None:
    """F6: overdue, then one person's word, then another's; the file that never arrived goes again."""
    world, batch = frozen
    _exported(world, batch)
    doubt = _payouts(world, "inquire", batch, "--by", "li")
    said = _payouts(
        world, "inquire", batch, "--file", 1, "--found", "not_received", "--evidence", "call 7", "--by", "li"
    )
    own = _payouts(world, "inquire", batch, "--confirm", 1, "--by", "li")
    other = _payouts(world, "inquire", batch, "--confirm", 1, "--by", "wang")

    assert "in doubt" in doubt.out
    assert "another person now confirms it" in said.out
    assert (own.code, other.code) == (EXIT_REFUSED, EXIT_DONE)
    assert _payouts(world, "submit", batch, "--by", "li").code == EXIT_DONE


def test_a_stop_is_answered_by_another_person(frozen: tuple[World, str]) -> None:
    """F2: stopped before it goes out nothing leaves; at the bank, the bank's answer is another person's to say."""
    world, batch = frozen
    _payouts(world, "approve", batch, "--hash", _hash(world, batch), "--by", "wang")
    _payouts(world, "stop", batch, "--reason", "a death", "--by", "zhao")
    stopped = _payouts(world, "export", batch, "--by", "li")
    _payouts(world, "resume", batch, "--reason", "somebody else", "--by", "qian")
    _exported(world, batch)
    asked = _payouts(world, "stop", batch, "--reason", "wrong list", "--by", "zhao")
    own = _payouts(world, "stop", batch, "--reason", "call", "--answered", "yes", "--by", "zhao")
    answered = _payouts(world, "stop", batch, "--reason", "call", "--answered", "yes", "--by", "qian")

    assert (stopped.code, "E322" in stopped.err) == (EXIT_REFUSED, True)
    assert "stop_requested" in asked.out
    assert (own.code, answered.code) == (EXIT_REFUSED, EXIT_DONE)
    assert _payouts(world, "reissue", batch, "--reason", "right list", "--by", "li").code == EXIT_DONE


@pytest.mark.parametrize("content", [b"", b"\x00\x01", "没有".encode(), b"<?xml version='1.0'?><a/>"])
def test_what_the_bank_never_sent_is_refused_whole(frozen: tuple[World, str], content: bytes) -> None:
    """Nothing of it is kept; which file and why is said."""
    world, _ = frozen
    path = world.root.parent / "odd.txt"
    path.write_bytes(content)

    said = _payouts(world, "import", path, "--by", "li")

    assert said.code == EXIT_FINDINGS
    assert "odd.txt" in said.err
    assert not (world.root / "payouts" / "received").exists()


def test_the_same_files_again(frozen: tuple[World, str]) -> None:
    """M7: a batch that is out is not sent again; a file that was lost comes back with the same bytes."""
    world, batch = frozen
    sent = _exported(world, batch)
    before = sent.read_bytes()
    sent.unlink()

    again = _payouts(world, "export", batch, "--by", "somebody")

    assert again.code == EXIT_DONE
    assert sent.read_bytes() == before
    assert sent.name in again.out


def test_what_was_paid_before_a_stop_is_reconciled(frozen: tuple[World, str]) -> None:
    """The bank had paid some when it was asked: the rest comes back, and the statement shows what was paid."""
    world, batch = frozen
    sent = _exported(world, batch)
    _payouts(
        world,
        "import",
        write_returns(world.root.parent, sent, ["00", *["90"] * (len(lines_of(sent)) - 1)]),
        "--by",
        "li",
    )
    _payouts(world, "stop", batch, "--reason", "wrong list", "--by", "zhao")

    answered = _payouts(world, "stop", batch, "--reason", "call", "--answered", "yes", "--by", "qian")

    assert "is settled" in answered.out
    assert _payouts(world, "reissue", batch, "--reason", "right list", "--by", "li").code == EXIT_DONE
    first = sent.read_text(ENCODING).splitlines(keepends=True)
    sent.write_bytes("".join([first[0], *[line for line in first if line.startswith("D|")][:1]]).encode(ENCODING))
    assert (
        _payouts(world, "import", write_statement(world.root.parent, sent), "--kind", "statement", "--by", "li").code
        == EXIT_DONE
    )
    assert _payouts(world, "reconcile", batch, "--by", "li").code == EXIT_DONE


def test_what_a_killed_export_left_goes_once_the_batch_is_out(frozen: tuple[World, str]) -> None:
    """A file that somebody was writing when they were killed holds names and accounts: it does not lie about for ever."""
    world, batch = frozen
    sent = _exported(world, batch)
    begun = sent.with_name(f"..{sent.name}.under-way.01fea2aa")
    begun.write_bytes(sent.read_bytes()[:10])

    again = _payouts(world, "export", batch, "--by", "li")

    assert (again.code, begun.exists(), sent.exists()) == (EXIT_DONE, False, True)
