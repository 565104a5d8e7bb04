"""A paymaster's month in the console: a batch from its sheet to the reconciled account, by several people."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from core.roles import Role
from core.settings import Access
from pages.web.app import create_app
from pages.web.console.batches import PLACE, STEPS
from pages.web.guard import CONFIRMED_SECONDS
from store.accounts import add_account
from store.audit import read_entries
from store.batches import read_batches
from store.gate import Gate
from store.roles import Post, grant_role
from store.states.paying import AT_THE_BANK, BATCH_TRANSITIONS, BEFORE_EXPORT, BatchState
from tests.bank_files import lines_of, write_returns, write_statement
from tests.world import World

PASSWORD = "a-password-for-tests"
CHEAP = (2**4, 8, 1)
PEOPLE = ("wang", "li")


CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a workspace in which two of three residents have a card, and a rule pays for cards."""
    made = World.at(tmp_path / "w")
    made.people("abc")
    made.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-01-02")
    yield made
    made.store.close()


@pytest.fixture
def batch(world: World) -> str:
    """Return a batch that waits for approval, in a workspace where two officers have accounts."""
    world.rule(on="2025-01-03")
    world.night("2025-01-15")
    with world.store.writing() as tx:
        for name in PEOPLE:
            add_account(tx, name, PASSWORD, subject_id=None, cost=CHEAP)
        (found,) = read_batches(tx, states=[BatchState.FROZEN])
    return found.batch_id


@pytest.fixture
def desks(world: World) -> Iterator[dict[str, TestClient]]:
    """Return a browser for each officer."""
    desks = {name: TestClient(create_app(world.deployment)) for name in PEOPLE}
    yield desks
    for each in desks.values():
        each.close()


def _come_in(desk: TestClient, name: str) -> None:
    assert desk.post("/login", data={"login": name, "password": PASSWORD}).url.path == "/console"


def _token(desk: TestClient) -> str:
    found = re.search(r'name="token" value="(\w+)"', desk.get(PLACE).text)
    assert found is not None
    return found[1]


def _do(desk: TestClient, batch: str, deed: str, **form: str) -> str:
    """Send one form of a batch's sheet and return the page that comes next."""
    answer = desk.post(f"{PLACE}/{batch}/{deed}", data={"token": _token(desk), **form})
    return answer.text


def _hash(desk: TestClient, batch: str) -> str:
    found = re.search(r'name="hash" value="(\w+)"', desk.get(f"{PLACE}/{batch}").text)
    assert found is not None
    return found[1]


def _take(desk: TestClient, path: Path, kind: str = "") -> str:
    with path.open("rb") as file:
        form = {"token": _token(desk), "kind": kind}
        return desk.post("/console/bank-files/take", data=form, files={"file": (path.name, file)}).text


def test_a_month_from_frozen_to_closed(world: World, batch: str, desks: dict[str, TestClient], tmp_path: Path) -> None:
    """Every step is a button on the sheet; one person approves, another sends, and the account's statement closes it."""
    wang, li = desks["wang"], desks["li"]
    _come_in(wang, "wang")
    _come_in(li, "li")
    assert "待审批" in wang.get(PLACE).text
    assert "已批准，可以发出" in _do(wang, batch, "approve", hash=_hash(wang, batch))
    assert "个付款文件" in _do(li, batch, "export")
    sent = li.post(f"{PLACE}/{batch}/file", data={"token": _token(li), "number": "1"})
    path = tmp_path / re.findall(r'filename="(.+)"', sent.headers["content-disposition"])[0]
    path.write_bytes(sent.content)
    (written,) = (world.root / "payouts").rglob("*.txt")
    assert path.read_bytes() == written.read_bytes()

    assert "已登记：付款文件已交银行" in _do(li, batch, "submit")
    returns = write_returns(tmp_path, path, ["00"] * len(lines_of(path)))
    assert "导入结果" in _take(li, returns)
    assert "没有变化" in _take(li, returns)
    assert "没有办成" in _do(li, batch, "reconcile")
    _take(li, write_statement(tmp_path, path), "statement")
    assert "账实相符" in _do(li, batch, "reconcile")
    assert "已结案" in _do(li, batch, "close")

    with world.store.reading() as rx:
        doers = {(each.event, each.done_by) for each in read_entries(rx)}
    assert {("batch.approved", "wang"), ("batch.exported", "li"), ("batch.file_taken", "li")} <= doers


def test_who_approved_does_not_send(batch: str, desks: dict[str, TestClient]) -> None:
    """The refusal says so in Chinese, and nothing has changed."""
    wang = desks["wang"]
    _come_in(wang, "wang")
    _do(wang, batch, "approve", hash=_hash(wang, batch))

    refused = _do(wang, batch, "export")

    assert "没有办成，什么都没有改变" in refused
    assert "已批准，待发出" in wang.get(f"{PLACE}/{batch}").text


def test_an_approval_is_for_what_was_read(batch: str, desks: dict[str, TestClient]) -> None:
    """A sheet that is another by now cannot be approved from a page that was open before."""
    _come_in(desks["wang"], "wang")

    assert "没有办成" in _do(desks["wang"], batch, "approve", hash="0" * 64)


def test_sending_asks_again_who_is_there(world: World, batch: str, desks: dict[str, TestClient]) -> None:
    """What cannot be taken back is done by who has just shown who they are; then the deed goes through."""
    wang, li = desks["wang"], desks["li"]
    _come_in(wang, "wang")
    _come_in(li, "li")
    _do(wang, batch, "approve", hash=_hash(wang, batch))
    world.clock.instant += dt.timedelta(seconds=CONFIRMED_SECONDS + 1)

    asked = li.post(f"{PLACE}/{batch}/export", data={"token": _token(li)})
    assert (asked.url.path, asked.url.params["next"]) == ("/confirm", "/confirm/kept")
    again = li.post("/confirm", data={"token": _token(li), "password": PASSWORD, "next": f"{PLACE}/{batch}"})
    assert again.url.path == f"{PLACE}/{batch}"
    assert "个付款文件" in _do(li, batch, "export")


def test_where_roles_decide_the_login_is_asked_for_them(world: World, batch: str) -> None:
    """Whoever serves the pages lends nobody their own roles: an officer without one finds no console."""
    settings = world.deployment.workspace.settings.model_copy(update={"access": Access(roles="required")})
    workspace = replace(world.deployment.workspace, settings=settings)
    served = replace(
        world.deployment, workspace=workspace, login="operator", store=replace(world.store, gate=Gate("operator"))
    )
    with world.store.writing() as tx:
        grant_role(tx, Post("wang", Role.APPROVER), by="operator", reason="审批岗")
    with TestClient(create_app(served)) as wang, TestClient(create_app(served)) as li:
        _come_in(wang, "wang")
        _come_in(li, "li")

        assert li.get(PLACE).status_code == 404
        assert "已批准，可以发出" in _do(wang, batch, "approve", hash=_hash(wang, batch))
        assert wang.post(f"{PLACE}/{batch}/export", data={"token": _token(wang)}).status_code == 404


def test_nobody_else_comes_to_the_console(batch: str, world: World) -> None:
    """Without a session, and for a subject, the console is not there."""
    with TestClient(create_app(world.deployment)) as nobody:
        assert nobody.get(PLACE, follow_redirects=False).headers["location"] == f"/login?next={PLACE}"
        assert nobody.get(f"{PLACE}/{batch}", follow_redirects=False).status_code == 303


def test_the_sheet_offers_what_the_states_allow() -> None:
    """No batch that may still move is without a button, and none that is over has one."""
    offered = {state: [step.name for step in STEPS if state in step.states] for state in BatchState}

    over = {state for state in BatchState if not BATCH_TRANSITIONS.get(state)}
    assert [state for state in over if offered[state]] == []
    assert [state for state in BEFORE_EXPORT | AT_THE_BANK if not offered[state]] == []
