"""The outbox as a clerk and an operator type it: looking, sending, settling doubts, receipts, what is declined."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED
from core.ledger import NOTICE_CATEGORY, NoticeCategory, NoticeKind
from core.settings import Channels
from delivery.channels import Outcome, Sent
from delivery.dispatch import Dispatcher
from delivery.manners import Manners
from delivery.notice_templates import read_templates
from delivery.notice_values import VARIABLES
from delivery.notices import Telling, plan_notices
from delivery.routes import Routes
from engine.deployment import deployed
from engine.notice_desk import open_item, put_away
from pages.notice_words import KINDS
from pages.terminal.notices import CATEGORIES, STATES
from store.audit import last_entries
from store.outbox import read_notices
from store.states.notices import NoticeState
from tests.commands.terminal import ROOT
from tests.delivery.samples import SAID
from tests.delivery.test_dispatch import ScriptedChannel
from tests.stories.typing_officers import say, typed_world
from tests.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a world after its January night."""
    with typed_world(tmp_path, monkeypatch) as made:
        made.people("ab", on="2025-01-10", 邮箱="a@example.org")
        made.night("2025-01-15")
        yield made


def tell(world: World, kind: NoticeKind, channel: str = "folder") -> str:
    """Plan a notice to `a`; return its id."""
    values = {name: SAID[name] for name in VARIABLES[kind]}
    with world.store.writing() as tx:
        event = f"case {kind}"
        told = [Telling(kind, world.subject("a"), "care", event, dt.date(2025, 1, 15), values)]
        plan_notices(tx, Routes({"person": (channel,)}, Channels()), told)
        return next(each.notice.notice_id for each in read_notices(tx) if each.notice.event == event)


def sent(world: World, *outcomes: Sent) -> None:
    """Send what waits for the folder, with these outcomes."""
    with deployed(world.root, world.clock) as deployment:
        channel = ScriptedChannel([*outcomes], name="folder")
        sender = Dispatcher(
            deployment.store, deployment.book("test"), [channel], read_templates(), Manners(), "test", "gone".__eq__
        )
        sender.dispatch(100)


def test_a_message_is_listed_shown_and_sent(world: World) -> None:
    """From the night's row to the file, with its words, its try and its letter."""
    listed = say(world, "notices", "list").out
    notice_id = next(word for word in listed.split() if word.startswith("n_"))
    assert "待发 queued" in listed
    assert "您已享受：care" in say(world, "notices", "show", notice_id).out

    assert say(world, "notices", "send").out == "已交付 1\n"
    assert say(world, "notices", "send").out == "没有到时候要发的告知 nothing was due\n"

    shown = say(world, "notices", "show", notice_id).out
    assert "已交付 accepted" in shown
    assert "started@3" in shown
    assert "可退订 may be declined" in shown
    (file,) = (world.root / "outbox").glob("*.txt")
    assert "标准：每月150.00元" in file.read_text("utf-8")


def test_a_letter_of_the_workspaces_own_is_what_a_night_sends(world: World) -> None:
    """Put into `letters/`, it is used at once, under its own version; one that cannot be filled stops every message."""
    letters = world.root / "letters"
    letters.mkdir()
    written = 'notice: started\nversion: 7\nsubject: "好消息：{title}"\nbody: "{you}好。"\nsms: "{title}"\n'
    (letters / "started.yaml").write_text(written, "utf-8")
    say(world, "notices", "send")

    (file,) = (world.root / "outbox").glob("*.txt")
    assert "主题：【免申即享】好消息：care" in file.read_text("utf-8")
    notice_id = file.stem
    assert "started@7" in say(world, "notices", "show", notice_id).out

    (letters / "started.yaml").write_text(written.replace("{you}", "{whom}"), "utf-8")
    refused = say(world, "notices", "send")
    assert (refused.code, "error[D203]" in refused.err) == (EXIT_FINDINGS, True)


def test_what_was_given_up_is_sent_again_by_a_person(world: World) -> None:
    """With a reason, as another try; what was not given up is refused."""
    notice_id = tell(world, NoticeKind.OVERPAID)
    sent(world, Sent(Outcome.PERMANENT, "550"))
    assert notice_id in say(world, "notices", "list", "--queue").out

    assert say(world, "notices", "replay", notice_id, "--reason", "地址已更正", "--by", "op").code == EXIT_DONE
    again = say(world, "notices", "replay", notice_id, "--reason", "再试", "--by", "op")
    assert (again.code, "error[E318]" in again.err) == (EXIT_REFUSED, True)
    assert "error[E315]" in say(world, "notices", "replay", "n_none", "--reason", "x").err

    sent(world, Sent(Outcome.ACCEPTED))
    shown = say(world, "notices", "show", notice_id).out
    for words in ("已放弃", "地址已更正", "op", "必达 mandatory"):
        assert words in shown, words
    with world.store.reading() as rx:
        (decided,) = [each for each in last_entries(rx, 50, event="notices.decided") if each.event == "notices.decided"]
    assert (decided.done_by, decided.about) == ("op", notice_id)


@pytest.mark.parametrize(("verdict", "state"), [("arrived", "accepted"), ("lost", "temp_failed"), ("given_up", "dead")])
def test_a_person_settles_what_is_in_doubt(world: World, verdict: str, state: str) -> None:
    """Only what is in doubt."""
    notice_id = tell(world, NoticeKind.OVERPAID)
    early = say(world, "notices", "resolve", notice_id, verdict, "--reason", "x")
    assert (early.code, "error[E318]" in early.err) == (EXIT_REFUSED, True)
    sent(world, Sent(Outcome.UNKNOWN, "TimeoutError"))

    said = say(world, "notices", "resolve", notice_id, verdict, "--reason", "问过网关")

    assert (said.code, said.out) == (EXIT_DONE, f"{notice_id}: {state}\n")


def test_receipts_come_by_file(world: World) -> None:
    """The same file again changes nothing; a line that is none is named, and nothing counts."""
    notice_id = tell(world, NoticeKind.PAID)
    sent(world, Sent(Outcome.ACCEPTED))
    shown = say(world, "notices", "show", notice_id).out
    reference = next(word for word in shown.split() if word.startswith("m_"))
    path = world.root / "receipts.jsonl"
    path.write_text(json.dumps({"reference": reference, "status": "delivered"}) + "\n", "utf-8")

    assert say(world, "notices", "receipts", path).out == "新收 1，采用 1，无新内容 0，尚无对应消息 0\n"
    assert say(world, "notices", "receipts", path).out == "新收 0，采用 0，无新内容 0，尚无对应消息 0\n"
    assert "已送达 delivered" in say(world, "notices", "show", notice_id).out
    path.write_text("delivered\n", "utf-8")
    refused = say(world, "notices", "receipts", path)
    assert (refused.code, "receipts.jsonl:1: error[D223]" in refused.err) == (EXIT_FINDINGS, True)


def test_a_clerk_keeps_what_somebody_declines(world: World) -> None:
    """By number or id; decisions cannot be declined; every word is kept."""
    number = world.number("a")
    say(world, "notices", "decline", number, "benefit", "--reason", "电话要求", "--by", "clerk")
    refused = say(world, "notices", "decline", number, "decision", "--reason", "x")
    assert (refused.code, "error[D227]" in refused.err) == (EXIT_REFUSED, True)

    sent_now = say(world, "notices", "send")
    assert (sent_now.out, "warning[D224]" in sent_now.err) == ("不发 1\n", True)

    assert (
        say(world, "notices", "decline", number, "benefit", "--again", "--reason", "又要").out
        == "benefit: wanted again\n"
    )
    words = say(world, "notices", "preferences", world.subject("a")).out
    assert words.index("不接收") < words.index("又要")
    assert say(world, "notices", "preferences", world.subject("b")).out == "nothing was declined\n"


def test_an_inbox_is_listed_and_its_items_opened(world: World) -> None:
    """Looking at the list opens nothing; opening keeps what was shown, and is the receipt."""
    subject = world.subject("a")
    notice_id = tell(world, NoticeKind.OVERPAID, channel="inbox")
    assert "未读" in say(world, "notices", "inbox", world.number("a")).out

    with deployed(world.root, world.clock) as deployment:
        message = open_item(deployment, subject, notice_id)
        assert "可能多发" in message.body
        assert "已读" in say(world, "notices", "inbox", subject).out
        put_away(deployment, subject, notice_id)

    assert say(world, "notices", "inbox", subject).out == "the inbox is empty\n"
    assert "已送达 delivered" in say(world, "notices", "show", notice_id).out


def test_an_empty_outbox(world: World) -> None:
    assert "no message is there" in say(world, "notices", "list", "--state", "dead").out
    assert "error[E315]" in say(world, "notices", "show", "n_none").err


def test_every_word_of_a_message_is_told_in_chinese() -> None:
    """Whatever kind, state or category there comes to be, lists can show it."""
    assert set(KINDS) == set(NoticeKind)
    assert set(STATES) == set(NoticeState)
    assert set(CATEGORIES) == set(NoticeCategory)


def test_the_page_about_channels_names_every_kind() -> None:
    """In the line of its category."""
    page = (ROOT / "docs" / "channels.md").read_text("utf-8")
    for category in NoticeCategory:
        kinds = sorted(kind.value for kind, each in NOTICE_CATEGORY.items() if each is category)
        (line,) = [each for each in page.splitlines() if each.startswith(f"| `{category.value}` |")]
        assert sorted(line.split("|")[2].replace(" ", "").split(",")) == kinds
