"""What an enterprise reads of itself: sums, the report, a trial, and what visitors read without a login."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.deployment import Deployment
from pages.web.app import create_app
from pages.web.own import standing
from profiles.population import everyone
from store.accounts import add_account
from store.loads import read_loads
from tests.trial_world import PASSWORD, trial_world


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with trial_world().open(tmp_path_factory.mktemp("own") / "w") as opened:
        yield opened


@pytest.fixture
def visitor(deployment: Deployment) -> Iterator[TestClient]:
    with TestClient(create_app(deployment)) as made:
        yield made


@pytest.fixture
def client(visitor: TestClient) -> TestClient:
    visitor.post("/login", data={"login": "qiye1", "password": PASSWORD})
    return visitor


def tried(client: TestClient, **facts: str) -> str:
    token = re.search(r'name="token" value="(\w+)"', client.get("/try").text)
    assert token is not None
    return client.post(
        "/try", data={"token": token[1], **{f"fact-{code}": words for code, words in facts.items()}}
    ).text


def test_each_group_says_what_it_comes_to(client: TestClient) -> None:
    """What is paid, what waits for a word, and what one step would bring stand above the groups."""
    page = client.get("/").text

    for said in ("500,000.00 元", "可得 10,800.00 元", "如符合 250,000.00 元"):
        assert said in page


def test_what_does_not_apply_waits_behind_a_link(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is much, the page says how much it is; the link lists all of it with the reasons."""
    monkeypatch.setattr(standing, "FEW", 1)
    (section,) = re.findall(r'<section id="not_applicable".*?</section>', client.get("/").text, re.DOTALL)
    (whole,) = re.findall(
        r'<section id="not_applicable".*?</section>', client.get("/", params={"show": "all"}).text, re.DOTALL
    )

    count = whole.count("<li>")
    assert count > 1
    assert whole.count("不符合：") == count
    assert "<li>" not in section
    assert f'<a href="/?show=all#not_applicable">查看全部 {count} 项及原因</a>' in section


def test_the_report_has_every_criterion_and_begins_with_what_is_near(client: TestClient) -> None:
    """Near misses come first, with the remedy; the rest follows, each with its source and day."""
    page = client.get("/checkup").text

    assert page.index('id="p-hightech-award"') < page.index('id="p-technology-centre-municipal"')
    assert "补报" in page
    assert page.count("《企业登记》") > 5
    assert "不由您改变" in page


def test_a_trial_changes_what_it_says_and_nothing_else(client: TestClient) -> None:
    """With the report filed the award is met, marked as a trial; the own page says what it said."""
    before = client.get("/").text
    page = tried(client, torch_statistics_filed="是")

    assert "试算" in page
    assert re.search(r"高新技术企业认定奖励.*?现在：\s*不符合.*?试算：<strong>符合，250,000.00 元", page, re.DOTALL)
    assert client.get("/").text == before


def test_what_is_no_value_is_said_and_left_out(client: TestClient) -> None:
    """Typed nonsense changes nothing, and comes back escaped beside its field."""
    page = tried(client, torch_statistics_filed="<b>maybe</b>")

    assert "不是有效的值" in page
    assert "<b>maybe" not in page


def test_visitors_find_policies_without_a_login(visitor: TestClient) -> None:
    """The list narrows by words, department, subject and benefit; a guide stands behind each; a draft does not."""
    assert "老年综合津贴" in visitor.get("/public/policies").text
    found = visitor.get("/public/policies", params={"words": "技术中心 国家", "subject": "企业"}).text
    assert re.findall(r'/public/policies/([\w-]+)"', found) == ["technology-centre-national"]
    assert "没有找到" in visitor.get("/public/policies", params={"words": "<nothing>"}).text

    guide = visitor.get("/public/policies/hightech-award")
    assert "申兑指南" in guide.text
    assert "附一" not in guide.text
    assert visitor.get("/public/policies/nobody").status_code == 404


def test_every_public_guide_can_be_read(visitor: TestClient) -> None:
    """No policy on the list leads nowhere."""
    for code in set(re.findall(r'/public/policies/([\w-]+)"', visitor.get("/public/policies").text)):
        assert visitor.get(f"/public/policies/{code}").status_code == 200


def test_a_person_has_the_same_pages(tmp_path: Path) -> None:
    """Nothing of these pages is for enterprises alone: somebody known since the last night sees what is not known of them."""
    with trial_world().open(tmp_path / "w") as own:
        with own.store.writing() as tx:
            loads = read_loads(tx, own.workspace.root)
            person = everyone(own.catalogue, loads, "person")[0]
            add_account(tx, "ren1", PASSWORD, subject_id=person)
        with TestClient(create_app(own)) as client:
            client.post("/login", data={"login": "ren1", "password": PASSWORD})
            paths = ("/", "/checkup", "/try", "/inbox", "/payments", "/raised")

            assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)
