"""Notices in the console: what needs a person, each message with what is known of it, and what is done with one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.ledger import NoticeKind
from core.roles import Role
from delivery.channels import Outcome, Sent
from pages.web.console import notices
from pages.web.within import NAMING
from tests.pages.desk import Desk
from tests.pages.markup import faults_of
from tests.stories.test_notices_typed import sent, tell
from tests.world import World

POSTS = {"operator": Role.OPERATOR, "clerk": Role.OFFICER}
REASON = {"reason": "问过网关"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return the desk of a world after its January night."""
    world = World.at(tmp_path / "w")
    world.people("ab", on="2025-01-10", 邮箱="a@example.org")
    made = Desk(world, POSTS, POSTS)
    yield made
    made.close()
    world.store.close()


def test_what_was_given_up_is_sent_again(desk: Desk) -> None:
    """It stands first, with why; a reason puts it back, once, and stands on its page with every try."""
    assert "没有这样的告知" in desk.read("clerk", notices.PLACE)
    own = tell(desk.world, NoticeKind.OVERPAID)
    place = f"{notices.PLACE}/{own}"
    desk.refused("operator", f"{place}/again", **REASON)  # it waits as it is
    sent(desk.world, Sent(Outcome.PERMANENT, "550"))

    listed, shown = desk.read("clerk", notices.PLACE), desk.read("clerk", place)
    assert "待处理（1）" in listed
    assert own in listed
    assert "重新发送" not in shown  # an officer looks
    assert "重新发送" in desk.read("operator", place)
    assert faults_of(listed) + faults_of(shown) == []
    desk.missing("clerk", f"{place}/again", **REASON)
    assert "已放回待发" in desk.do("operator", f"{place}/again", **REASON)
    desk.refused("operator", f"{place}/again", **REASON)

    sent(desk.world, Sent(Outcome.ACCEPTED))
    shown = desk.read("clerk", place)
    for said in ("已交付", "已放弃 → 待发", "operator：问过网关", "550"):
        assert said in shown, said
    assert "待处理（0）" in desk.read("clerk", notices.PLACE)


def test_what_is_in_doubt_is_settled(desk: Desk) -> None:
    """By one of three words; what is none of them, and what is in doubt no more, changes nothing."""
    own = tell(desk.world, NoticeKind.OVERPAID)
    place = f"{notices.PLACE}/{own}"
    sent(desk.world, Sent(Outcome.UNKNOWN, "TimeoutError"))

    assert "查明存疑的告知" in desk.read("operator", place)
    desk.missing("operator", f"{place}/settle", verdict="perhaps", **REASON)
    assert "已交付" in desk.do("operator", f"{place}/settle", verdict="arrived", **REASON)
    desk.refused("operator", f"{place}/settle", verdict="arrived", **REASON)


def test_nothing_else_is_shown(desk: Desk) -> None:
    """A message that is not there, a group that is none; and the remit is asked about every message that an address names."""
    desk.read("operator", f"{notices.PLACE}/n_none", 404)
    desk.read("operator", f"{notices.PLACE}?group=others", 404)
    desk.read("operator", f"{notices.PLACE}?group=sent")
    assert "notice" in NAMING
