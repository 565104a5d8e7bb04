"""A policy from a draft to a published version in the console, by two officers, and what keeps one of them from doing it alone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from core.roles import Role
from core.settings import Access
from engine.deployment import Deployment
from pages.web.app import create_app
from pages.web.console.asking import PLACE as ERRANDS
from pages.web.console.policies import PLACE
from store.accounts import add_account
from store.activations import activations_known_at, published_versions
from store.audit import read_entries
from store.gate import Gate
from store.roles import Post, grant_role
from tests.pages.desk import carry_out_all
from tests.world import POLICY, World

PASSWORD = "a-password-for-tests"
CHEAP = (2**4, 8, 1)
PEOPLE = ("wang", "li")
OWN = f"{PLACE}/{POLICY}"
DRAFT = f"{OWN}/2"


class Browser(TestClient):
    """An officer's browser, over what carries errands out."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(create_app(deployment))
        self.deployment = deployment


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a workspace in which a rule pays 150 for a card, on the morning after it was published."""
    made = World.at(tmp_path / "w")
    made.people("abc")
    made.deliver(
        "cards",
        [{"who": "a", "等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}],
        on="2025-01-02",
    )
    made.rule(on="2025-01-03")
    with made.store.writing() as tx:
        for name in PEOPLE:
            add_account(tx, name, PASSWORD, subject_id=None, cost=CHEAP)
    made.on("2025-01-10")
    yield made
    made.store.close()


@pytest.fixture
def desks(world: World) -> Iterator[dict[str, Browser]]:
    """Return a browser for each officer, who is logged in."""
    desks = {name: Browser(world.deployment) for name in PEOPLE}
    _come_in(desks)
    yield desks
    for each in desks.values():
        each.close()


def _come_in(desks: dict[str, Browser]) -> None:
    for name, desk in desks.items():
        assert desk.post("/login", data={"login": name, "password": PASSWORD}).url.path == "/console"


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="(\w+)"', page)
    assert found is not None
    return found[1]


def _send(desk: Browser, path: str, **form: str) -> tuple[str, str]:
    """Send a form and return where it led, and the page."""
    token = _field(desk.get(PLACE).text, "token")
    answer = desk.post(path, data={"token": token, **form})
    if answer.url.path.startswith(f"{ERRANDS}/"):
        carry_out_all(desk.deployment)
        answer = desk.get(answer.url.path)
    return answer.url.path, answer.text


def _text(desk: Browser) -> tuple[str, str]:
    """Return the text of the draft as it stands, and what says so."""
    page = desk.get(f"{DRAFT}/edit").text
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found is not None
    unescaped = found[1].replace("&#39;", "'").replace("&#34;", '"').replace("&gt;", ">").replace("&amp;", "&")
    return unescaped, _field(page, "before")


def _drafted(desk: Browser, amount: str = "180") -> None:
    """Begin version 2 with another amount."""
    _send(desk, f"{OWN}/draft")
    text, before = _text(desk)
    _, page = _send(desk, f"{DRAFT}/save", text=text.replace("150", amount), before=before)
    assert "已保存" in page


def _plan(desk: Browser, path: str = f"{DRAFT}/plan", **form: str) -> str:
    where, page = _send(desk, path, **form)
    assert where.startswith(f"{OWN}/plan/"), page
    return where


def test_two_officers_take_a_draft_into_force(world: World, desks: dict[str, Browser]) -> None:
    """One writes, plans and submits; the other signs the fingerprint on the page and publishes."""
    wang, li = desks["wang"], desks["li"]
    _drafted(wang)
    plan = _plan(wang, **{"from": "2025-02-01"})
    assert "金额增加" in wang.get(plan).text
    assert "已提交" in _send(wang, f"{plan}/submit")[1]
    assert "批准这一指纹" not in wang.get(plan).text
    assert "没有办成" in _send(wang, f"{plan}/approve")[1]
    assert plan in li.get(f"{PLACE}?group=waiting").text

    assert "已批准" in _send(li, f"{plan}/approve")[1]
    assert "已发布，自所定之日起" in _send(li, f"{plan}/apply")[1]

    with world.store.reading() as rx:
        newest = published_versions(rx, POLICY)[-1]
        events = {(each.event, each.done_by) for each in read_entries(rx)}
    assert newest.version == 2
    assert "180" in newest.text
    assert {("version.written", "wang"), ("proposal.submitted", "wang"), ("proposal.approved", "li")} <= events
    assert "已发布" in li.get(f"{OWN}/2").text
    assert "180" in li.get(f"{OWN}/2/difference").text


def test_who_wrote_the_text_does_not_approve_it(desks: dict[str, Browser]) -> None:
    """It does not help to let somebody else plan and submit."""
    wang, li = desks["wang"], desks["li"]
    _drafted(wang)
    plan = _plan(li)
    _send(li, f"{plan}/submit")

    assert "批准这一指纹" not in wang.get(plan).text
    assert "没有办成" in _send(wang, f"{plan}/approve")[1]
    assert "已提交" in wang.get(plan).text


def test_faults_are_shown_on_their_line_and_not_saved(world: World, desks: dict[str, Browser]) -> None:
    """Checking writes nothing; saving what cannot be read keeps the text on the page and the file as it was."""
    wang = desks["wang"]
    _send(wang, f"{OWN}/draft")
    text, before = _text(wang)
    file = world.root / "policies" / POLICY / "2.yaml"
    was = file.read_bytes()
    bad = text.replace("有证", "有政").replace("item_code", "item_cod", 1)
    line = bad.split("\n").index(next(each for each in bad.split("\n") if each.startswith("item_cod:"))) + 1

    for deed in ("check", "save"):
        _, page = _send(wang, f"{DRAFT}/{deed}", text=bad, before=before)
        assert f'data-line="{line}"' in page
        assert "item_cod:" in page
        assert file.read_bytes() == was


def test_nobody_overwrites_what_another_saved(desks: dict[str, Browser]) -> None:
    """Who opened an earlier text is told so, keeps their own, and may then replace the other."""
    wang, li = desks["wang"], desks["li"]
    _send(wang, f"{OWN}/draft")
    text, before = _text(wang)
    _send(li, f"{DRAFT}/save", text=text.replace("150", "170"), before=before)

    _, page = _send(wang, f"{DRAFT}/save", text=text.replace("150", "160"), before=before)

    assert "他人保存了另一文本" in page
    assert "amount: 160" in page
    assert "amount: 170" in _text(li)[0]
    _send(wang, f"{DRAFT}/save", text=text.replace("150", "160"), before=_field(page, "before"))
    assert "amount: 160" in _text(li)[0]


@pytest.mark.parametrize(("old", "new"), [("version: 2", "version: 1"), (f"policy: {POLICY}", "policy: ../elsewhere")])
def test_a_text_stays_the_version_of_its_file(desks: dict[str, Browser], old: str, new: str) -> None:
    """No form turns a draft into another version, or into another policy's."""
    wang = desks["wang"]
    _send(wang, f"{OWN}/draft")
    text, before = _text(wang)

    _, page = _send(wang, f"{DRAFT}/save", text=text.replace(old, new), before=before)

    assert "没有保存" in page
    assert old in _text(wang)[0]


def test_a_published_version_is_not_edited(desks: dict[str, Browser]) -> None:
    """Its text stands for ever; there is no page to edit it, and no form that saves it."""
    wang = desks["wang"]
    assert "已发布" in wang.get(f"{OWN}/1/edit").text
    assert "没有办成" in _send(wang, f"{OWN}/1/save", text="x", before="x")[1]


def test_what_is_not_there_is_missing(desks: dict[str, Browser]) -> None:
    """Neither a version, nor a plan, nor a path out of the folder."""
    wang = desks["wang"]
    for path in (
        "nosuch",
        f"{POLICY}/9",
        f"{POLICY}/9/edit",
        f"{POLICY}/x/edit",
        "%2e%2e/1/edit",
        f"{POLICY}/plan/..%2fx",
    ):
        assert wang.get(f"{PLACE}/{path}").status_code == 404, path
    _drafted(wang)
    fingerprint = _plan(wang).rpartition("/")[2]
    assert wang.get(f"{PLACE}/nosuch/plan/{fingerprint}").status_code == 404
    assert wang.get(f"{OWN}/plan/{fingerprint[:-1]}0{fingerprint[-1]}").status_code == 404


def test_a_text_is_shown_as_text(desks: dict[str, Browser]) -> None:
    """What an officer writes never becomes part of the page of another."""
    wang = desks["wang"]
    _send(wang, f"{OWN}/draft")
    text, before = _text(wang)

    _, page = _send(wang, f"{DRAFT}/check", text=f"{text}</textarea><script>x</script>", before=before)

    assert "<script>x" not in page


def test_a_plan_of_yesterday_is_over(world: World, desks: dict[str, Browser]) -> None:
    """It is shown as over and can no longer be submitted."""
    wang = desks["wang"]
    _drafted(wang)
    plan = _plan(wang)
    world.on("2025-01-11")
    _come_in(desks)

    assert "请重新试算" in wang.get(plan).text
    assert "没有办成" in _send(wang, f"{plan}/submit")[1]


def test_one_stops_a_policy_and_another_lets_it_go_on(world: World, desks: dict[str, Browser]) -> None:
    """Stopping takes one person and a reason; who stopped it does not resume it."""
    wang, li = desks["wang"], desks["li"]
    assert "没有办成" in _send(wang, f"{OWN}/suspend", reason=" ")[1]
    assert "已暂停" in _send(wang, f"{OWN}/suspend", reason="文件有误")[1]
    assert POLICY in wang.get(f"{PLACE}?group=stopped").text
    assert "没有办成" in _send(wang, f"{OWN}/resume", reason="已核实")[1]
    assert "已恢复" in _send(li, f"{OWN}/resume", reason="已核实")[1]


def test_a_repeal_and_a_rollback_are_planned_and_signed(world: World, desks: dict[str, Browser]) -> None:
    """Both go the way of every plan."""
    wang, li = desks["wang"], desks["li"]
    world.rule(version=2, amounts=200, stands_from="2025-01-01", on="2025-01-11")
    _come_in(desks)
    for deed, form in (("rollback", {"to": "1"}), ("repeal", {})):
        plan = _plan(wang, f"{OWN}/{deed}", **{"from": "2025-03-01"} | form)
        for desk, step in ((wang, "submit"), (li, "approve"), (wang, "apply")):
            assert "没有办成" not in _send(desk, f"{plan}/{step}")[1], (deed, step)
        with world.store.reading() as rx:
            assert activations_known_at(rx, rx.now)[-1].version == (1 if deed == "rollback" else None)
        world.on("2025-01-12")
        _come_in(desks)


def test_a_plan_comes_back_with_a_reason(desks: dict[str, Browser]) -> None:
    """It is returned, mended and submitted anew; and withdrawn by who submitted it."""
    wang, li = desks["wang"], desks["li"]
    _drafted(wang)
    plan = _plan(wang)
    _send(wang, f"{plan}/submit")
    assert "没有办成" in _send(li, f"{plan}/return", reason="")[1]
    assert "已退回" in _send(li, f"{plan}/return", reason="金额与文件不符")[1]
    assert "金额与文件不符" in wang.get(OWN).text
    assert "已提交" in _send(wang, f"{plan}/submit")[1]
    assert "已撤回" in _send(wang, f"{plan}/withdraw", reason="再核")[1]


def test_a_new_policy_begins_by_the_pattern_of_another(desks: dict[str, Browser]) -> None:
    """It has its own code and title, and everything else to be edited; a taken or a strange code is refused."""
    wang = desks["wang"]
    form = {"pattern": POLICY, "title": "新的补贴", "item_code": "310118-N", "owner": "民政局"}
    where, page = _send(wang, f"{PLACE}/new", code="new-aid", **form)
    assert where == f"{PLACE}/new-aid/1/edit"
    assert "新的补贴" in page
    for taken in ("new-aid", POLICY, "../x", "新"):
        assert "没有办成" in _send(wang, f"{PLACE}/new", code=taken, **form)[1], taken


def test_roles_decide_who_writes_and_who_signs(world: World) -> None:
    """An officer sees no page of a deed that only another role does; forbidden looks like missing."""
    settings = world.deployment.workspace.settings.model_copy(update={"access": Access(roles="required")})
    workspace = replace(world.deployment.workspace, settings=settings)
    served = replace(world.deployment, workspace=workspace, store=replace(world.store, gate=Gate()))
    with world.store.writing() as tx:
        for name, role in (("wang", Role.OFFICER), ("li", Role.AUDITOR)):
            grant_role(tx, Post(name, role), by="operator", reason="岗位")
    with Browser(served) as desk:
        desk.post("/login", data={"login": "li", "password": PASSWORD})
        assert desk.get(OWN).status_code == 200
        assert desk.get(f"{OWN}/1/edit").status_code == 404
        assert _send(desk, f"{OWN}/draft")[1] == desk.get(f"{PLACE}/nosuch/9/edit").text
    with Browser(served) as desk:
        desk.post("/login", data={"login": "wang", "password": PASSWORD})
        _drafted(desk)
        plan = _plan(desk)
        assert "已提交" in _send(desk, f"{plan}/submit")[1]
        assert desk.post(f"{plan}/approve", data={"token": _field(desk.get(PLACE).text, "token")}).status_code == 404


def test_a_draft_is_changed_by_forms(desks: dict[str, Browser]) -> None:
    """A condition by fact, comparison and value, an amount in the table, a worked example: each in the draft's text."""
    wang = desks["wang"]
    _send(wang, f"{OWN}/draft")

    def change(deed: str, **form: str) -> str:
        before = _field(wang.get(f"{DRAFT}/form").text, "before")
        return _send(wang, f"{DRAFT}/{deed}", before=before, **form)[1]

    row = {"fact0": "户籍", "sign0": "is", "value0": "310118", "group": "none"}
    assert "条件已保存" in change("criterion", label="不在本区", **row)
    assert "标准已保存" in change("values", component0="main", amount0="165.50")
    assert "算例已加入" in change(
        "example", name="有证的", day="2025-06-15", outcome="met", amount="1", **{"fact 有证": "是"}
    )
    page = wang.get(f"{DRAFT}/form", params={"example": "有证的"}).text
    assert "修改“有证的”" in page
    assert 'name="fact 有证" placeholder="是 / 否（空：不知道）" value="是"' in page
    assert wang.get(f"{DRAFT}/form", params={"example": "没有的"}).status_code == 404
    assert "没有保存" in change("example", was="有证的", name="有证的", day="2025-06-15", outcome="met", amount="007")
    assert "算例已保存" in change(
        "example", was="有证的", name="有证的", day="2025-06-16", outcome="met", amount="2", **{"fact 有证": "是"}
    )
    text, _ = _text(wang)
    assert "day: 2025-06-16" in text
    assert 'not (within(户籍, "310118"))' in text.replace('\\"', '"')
    assert "165.50" in text
    assert "有证的" in text
    assert "不在本区" in wang.get(f"{DRAFT}/edit").text

    assert "条件已删除" in change("criterion", id="condition_1", drop="1")
    assert "算例已删除" in change("example", drop="有证的")
    assert "不在本区" not in _text(wang)[0]
    assert "有证的" not in _text(wang)[0]


def test_what_a_form_cannot_mean_is_said_and_kept(desks: dict[str, Browser]) -> None:
    """Nothing is saved, and what was typed stands in the form."""
    wang = desks["wang"]
    _send(wang, f"{OWN}/draft")
    text, before = _text(wang)

    row = {"fact0": "没有这个", "sign0": "is", "value0": "x", "group": "any"}
    _, page = _send(wang, f"{DRAFT}/criterion", before=before, label="新的", **row)
    assert "没有名为“没有这个”的数据要素" in page
    assert 'value="没有这个"' in page
    for deed, form in {
        "criterion": {"id": "c1", "label": "x", "when": "没有 > 1"},
        "values": {"amount0": "007"},
        "example": {"name": "x", "day": "2025-06-15", "outcome": "met", "fact 有证": "也许"},
    }.items():
        assert "没有保存" in _send(wang, f"{DRAFT}/{deed}", before=before, **form)[1], deed
    assert "他人保存了另一文本" in _send(wang, f"{DRAFT}/values", before="0", amount0="1")[1]
    assert _text(wang)[0] == text


def test_what_a_form_cannot_mean_is_said_in_english_too(desks: dict[str, Browser]) -> None:
    """Whole sentences, with the comparisons that fit in English; only the officer's own words are Chinese."""
    wang = desks["wang"]
    _send(wang, f"{OWN}/draft")
    _, before = _text(wang)
    wang.cookies.set("language", "en")

    for form, said in (
        (
            {"fact0": "没有这个", "sign0": "is", "value0": "x"},
            "there is no fact called “没有这个”. Choose one from the list.",
        ),
        ({"fact0": "有证", "sign0": ">="}, "“有证” cannot be compared so. It can be compared by: yes, no."),
        ({"fact0": "等级", "sign0": ">="}, "a value is needed here."),
        ({}, "a condition needs both a name and what it asks."),
    ):
        _, page = _send(wang, f"{DRAFT}/criterion", before=before, label="新的", group="any", **form)
        told = re.sub(r"<[^>]+>", "", page)
        assert f"Not saved: {said}" in told, [each for each in told.splitlines() if "Not saved" in each]
