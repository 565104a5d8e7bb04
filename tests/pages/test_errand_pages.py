"""What takes longer than a page: asked for in the console, watched while it goes on, and found again when it is done."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.roles import Role
from engine.claims import holder_name
from pages.web.console import nights
from pages.web.console.asking import PLACE
from store.errands import LEASE, errand_of, keep_errand, take_errand
from tests.engine.overpayments.stage import card
from tests.pages.desk import Desk
from tests.world import POLICY, World

DATE = "2025-01-31"
POSTS = {"boss": Role.OPERATOR, "auditor": Role.AUDITOR, "clerk": Role.OFFICER}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return the desk on the evening of a day whose night nobody has run; the rule expects five people, and there are two."""
    world = World.at(tmp_path / "w")
    world.people("ab")
    world.deliver("cards", [card(who) for who in "ab"], on="2025-01-02")
    world.rule(on="2025-01-03", guard="{count: [5, 9]}")
    world.on(DATE)
    made = Desk(world, POSTS, POSTS)
    yield made
    made.close()
    world.store.close()


def ask(desk: Desk, name: str, path: str, **form: str) -> str:
    """Send a form and return the address of the errand that it asks for."""
    token = re.search(r'name="token" value="(\w+)"', desk.browsers[name].get("/console").text)
    assert token is not None
    answer = desk.browsers[name].post(path, data={"token": token[1], **form}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    where = str(answer.headers["location"])
    assert where.startswith(f"{PLACE}/")
    return where


def test_an_operator_runs_a_night_and_lets_it_go_beyond_its_guard(desk: Desk) -> None:
    """The overdue night is offered; it stops, says why and is let go on by the operator; then it is published."""
    assert f"{nights.PLACE}/{DATE}/run" in desk.read("boss", nights.PLACE)
    stopped = desk.do("boss", f"{nights.PLACE}/{DATE}/run")
    assert "超出守护线" in stopped
    assert f'name="accept" value="{POLICY}"' in stopped
    assert 'name="accept"' not in desk.read("auditor", f"{nights.PLACE}/{DATE}")

    published = desk.do("boss", f"{nights.PLACE}/{DATE}/run", accept=POLICY)
    assert "已发布" in published
    assert f"{nights.PLACE}/{DATE}/run" not in desk.read("boss", nights.PLACE)
    refused = desk.do("boss", f"{nights.PLACE}/{DATE}/run")
    assert "未能完成" in refused


def test_only_an_operator_runs_a_night(desk: Desk) -> None:
    """Nobody else is offered it, and who sends the form all the same gets what a missing page gets."""
    for name in ("auditor", "clerk"):
        assert f"{nights.PLACE}/{DATE}/run" not in desk.read(name, nights.PLACE)
        desk.missing(name, f"{nights.PLACE}/{DATE}/run")
    for word in ("2025-02-30", "x"):
        desk.missing("boss", f"{nights.PLACE}/{word}/run")


def test_an_errand_is_watched_without_scripts(desk: Desk) -> None:
    """Its page comes again by itself, or not where somebody turns that off, and says how far it is, in whose name."""
    where = ask(desk, "boss", f"{nights.PLACE}/{DATE}/run")
    waiting = desk.read("boss", where)
    assert 'http-equiv="refresh" content="3"' in waiting
    assert "马上开始" in waiting
    assert "refresh" not in desk.read("boss", f"{where}?still=1")
    assert ask(desk, "boss", f"{nights.PLACE}/{DATE}/run") == where

    with desk.world.store.writing() as tx:
        taken = take_errand(tx, holder=holder_name(), is_dead=lambda _: False)
        assert taken is not None
        keep_errand(tx, taken, "assembling profiles")
    running = desk.read("boss", where)
    assert "进行中" in running
    assert "正在汇集画像" in running
    assert where in desk.read("boss", PLACE)

    clock = desk.world.clock
    clock.instant += LEASE * 2
    broken = desk.read("boss", where)
    assert "已中断" in broken
    assert "refresh" not in broken


def test_somebody_elses_errand_looks_missing(desk: Desk) -> None:
    """Whoever reaches everything sees all of them; an officer of one policy sees their own alone."""
    where = ask(desk, "boss", f"{nights.PLACE}/{DATE}/run")
    assert where in desk.read("auditor", PLACE)
    desk.read("auditor", where)
    desk.read("auditor", f"{PLACE}/e_nothing", 404)

    desk.appoint("narrow", Role.STEWARD, f"policy:{POLICY}")
    assert where not in desk.read("narrow", PLACE)
    desk.read("narrow", where, 404)
    own = ask(desk, "narrow", "/console/data/ask")
    assert own in desk.read("narrow", PLACE)
    with desk.world.store.reading() as rx:
        found = errand_of(rx, own.removeprefix(f"{PLACE}/"))
    assert found is not None
    assert found.wanted == {"policies": [POLICY]}


def test_a_replay_is_done_beside_the_page_and_stays_on_it(desk: Desk) -> None:
    """An auditor has a published night computed again; what it came to stands on the night's page from then on."""
    desk.do("boss", f"{nights.PLACE}/{DATE}/run", accept=POLICY)
    assert "结果相同" not in desk.read("auditor", f"{nights.PLACE}/{DATE}")
    assert "结果相同" in desk.do("auditor", f"{nights.PLACE}/{DATE}/replay")
    assert "结果相同" in desk.read("boss", f"{nights.PLACE}/{DATE}")
