"""A suspended policy promises nothing on anybody's page, from the moment at which somebody stopped it."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from engine.deployment import Deployment
from engine.explaining.checkup import PageGroup, check_up, group_of
from engine.explaining.explain import viewpoint_on
from engine.lifecycle.suspending import Choice, suspend
from pages.web.app import create_app
from store.accounts import account_of
from store.activations import published_versions
from tests.trial_world import PASSWORD, trial_world

LOGINS = ("qiye1", "qiye2", "qiye3")
PROMISES = ("待拨付", "标准：", "标准（如符合条件）", "差：", "已列入拨付批次")


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Return the trial district, in which somebody has just stopped everything."""
    with trial_world().open(tmp_path_factory.mktemp("pages") / "w") as opened:
        with opened.store.reading() as rx:
            policies = sorted({each.policy for each in published_versions(rx)})
        for policy in policies:
            suspend(opened, Choice(policy), by="officer", reason="a test", since=None)
        yield opened


@pytest.mark.parametrize("login", LOGINS)
def test_no_page_promises_anything(deployment: Deployment, login: str) -> None:
    """Neither an amount to come nor a step to take; what was paid is still told, and that the policy is suspended."""
    with deployment.store.reading() as rx:
        account = account_of(rx, login)
        assert account is not None
        assert account.subject_id is not None
        seen = check_up(rx, viewpoint_on(rx, deployment, None), kind="enterprise", subject_id=account.subject_id)

    with TestClient(create_app(deployment)) as client:
        client.post("/login", data={"login": login, "password": PASSWORD})
        own = client.get("/").text
        pages = {each.policy: client.get(f"/policies/{each.policy}").text for each in seen.policies}

    offered = {PageGroup.AVAILABLE, PageGroup.TO_CONFIRM, PageGroup.ONE_STEP}
    assert not [each.policy for each in seen.policies if each.group in offered]
    assert "已暂停执行" in own
    for text in (own, *pages.values()):
        assert not [each for each in PROMISES if each in text]
    assert all("已暂停执行" in pages[each.policy] for each in seen.policies if each.is_suspended)


@pytest.mark.parametrize(
    ("outcome", "is_one_step_away", "group"),
    [
        pytest.param("met", False, PageGroup.UNKNOWN, id="met"),
        pytest.param("not_met", True, PageGroup.UNKNOWN, id="one-step-away"),
        pytest.param("not_met", False, PageGroup.NOT_APPLICABLE, id="not-met"),
        pytest.param("unknown", False, PageGroup.UNKNOWN, id="unknown"),
    ],
)
def test_where_it_stands_for_who_does_not_enjoy_it(outcome: str, group: PageGroup, *, is_one_step_away: bool) -> None:
    """Who would be met waits; who is not met is told so as ever."""
    assert group_of(outcome, None, is_one_step_away=is_one_step_away, is_suspended=True) is group  # type: ignore[arg-type]  # the parameter is one of three
