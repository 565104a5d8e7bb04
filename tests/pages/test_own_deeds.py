"""What an enterprise does on its own pages: each deed with its effect, and what another's papers do there."""

import re

import pytest
from starlette.testclient import TestClient

from core.ledger import GrantState, ItemState
from engine.deployment import Deployment
from engine.explaining.checkup import Checkup, PolicyCheckup, check_up
from engine.explaining.explain import viewpoint_on
from engine.grievances.handling import Words, accept, ask, decide, investigate, refuse
from engine.grievances.views import own_grievances
from pages.web.app import create_app
from store.grants import read_acts
from store.states.grievances import GrievanceKind, GrievanceOutcome
from tests.trial_world import OFFICER, PASSWORD, subject_of

REFUND, CENTRE, AWARD = "job-stabilisation-refund", "technology-centre-municipal", "hightech-award"
ACCOUNT = "6222021234567890123"


def checkup(deployment: Deployment, login: str = "qiye1") -> Checkup:
    with deployment.store.reading() as rx:
        viewpoint = viewpoint_on(rx, deployment, None)
        return check_up(rx, viewpoint, kind="enterprise", subject_id=subject_of(deployment, login))


def policy(deployment: Deployment, code: str, login: str = "qiye1") -> PolicyCheckup:
    found = checkup(deployment, login).policy(code)
    assert found is not None
    return found


def as_it_stands(deployment: Deployment, code: str, login: str) -> tuple[object, ...]:
    """Return everything that a firm's page says of a policy."""
    found = policy(deployment, code, login)
    return found.group, found.failing_count, found.held, found.is_stopped, found.is_asked, found.examination


def grant(deployment: Deployment, code: str, login: str = "qiye1") -> str:
    found = policy(deployment, code, login).grant_id
    assert found is not None
    return found


def send(client: TestClient, path: str, **fields: str) -> tuple[int, str]:
    """Send a form with the session's token; return the status and what the page that follows says."""
    token = re.search(r'name="token" value="(\w+)"', client.get("/").text)
    assert token is not None
    answer = client.post(path, data={"token": token[1], **fields})
    return answer.status_code, answer.text


def test_whoever_confirms_names_the_account(deployment: Deployment, client: TestClient) -> None:
    """A yes with an account is recorded as the subject's own word; the number is on no page and not in the audit chain."""
    status, page = send(client, f"/policies/{REFUND}/confirm", grant=grant(deployment, REFUND), account=ACCOUNT)

    assert (status, "已确认" in page, ACCOUNT in page) == (200, True, False)
    found = policy(deployment, REFUND)
    assert found.grant is GrantState.CONFIRMED
    with deployment.store.reading() as rx:
        last = read_acts(rx, grants=[grant(deployment, REFUND)])[-1]
    assert (last.by, last.is_assisted) == ("qiye1", False)


def test_what_is_no_account_is_refused_in_chinese(deployment: Deployment, client: TestClient) -> None:
    """Nothing changes, the page says so, and names no command of ours."""
    status, page = send(client, f"/policies/{REFUND}/confirm", grant=grant(deployment, REFUND), account="12")

    assert status == 409
    assert "没有办成" in page
    assert "--account" not in page
    assert policy(deployment, REFUND).grant is GrantState.OFFERED


def test_no_and_asked_again(deployment: Deployment, client: TestClient) -> None:
    """What was declined is offered once more when its subject asks."""
    send(client, f"/policies/{REFUND}/decline", grant=grant(deployment, REFUND))
    assert policy(deployment, REFUND).grant is GrantState.DECLINED
    assert "重新告知" in client.get(f"/policies/{REFUND}").text

    send(client, f"/policies/{REFUND}/again", grant=grant(deployment, REFUND))
    assert policy(deployment, REFUND).grant is GrantState.OFFERED


def test_given_up_and_taken_back(deployment: Deployment, client: TestClient) -> None:
    """A waiver needs a reason, and the page then shows how to take it back, and no longer how to give up."""
    own = grant(deployment, CENTRE)
    assert send(client, f"/policies/{CENTRE}/waive", grant=own)[0] == 409
    _, page = send(client, f"/policies/{CENTRE}/waive", grant=own, reason="不再需要")
    assert "撤回放弃" in page
    assert "确认放弃" not in page

    _, page = send(client, f"/policies/{CENTRE}/revoke", grant=own)
    assert "已撤回放弃" in page
    assert "撤回放弃</button>" not in page


@pytest.mark.parametrize("deed", ["confirm", "decline", "again", "waive", "revoke"])
def test_another_ones_grant_is_missing(deployment: Deployment, client: TestClient, deed: str) -> None:
    """A form that names a grant of somebody else does what a form for nothing does, and changes nothing."""
    theirs = grant(deployment, AWARD, "qiye2")
    before = as_it_stands(deployment, AWARD, "qiye2")
    answers = [
        send(client, f"/policies/{AWARD}/{deed}", grant=each, account=ACCOUNT, reason="x")
        for each in (theirs, "g_x", "")
    ]

    assert {status for status, _ in answers} == {404}
    assert as_it_stands(deployment, AWARD, "qiye2") == before


def test_a_wrong_fact_goes_to_its_department(deployment: Deployment, client: TestClient) -> None:
    """A dispute is kept as an objection to the policy, sealed, and the list shows it with its deadline."""
    fact = next(each for each in policy(deployment, AWARD).facts if each.label == "统计年报已报送")
    _, page = send(client, f"/policies/{AWARD}/dispute", fact=fact.code, should="是", said="五月已报")
    assert "已登记数据更正请求" in page

    (line,) = own_grievances(deployment, subject_of(deployment, "qiye1"))
    assert (line.grievance.kind, line.grievance.policy) == (GrievanceKind.ENTITLEMENT, AWARD)
    listed = client.get("/raised").text
    assert line.grievance.grievance_id in listed
    assert "五月已报" not in listed
    assert send(client, f"/policies/{AWARD}/dispute", fact="nobody", should="是")[0] == 404


def test_an_objection_says_something(deployment: Deployment, client: TestClient) -> None:
    """An empty objection is refused; one with words is there for its subject and for nobody else."""
    assert send(client, f"/policies/{CENTRE}/appeal", said="  ")[0] == 409
    send(client, f"/policies/{CENTRE}/appeal", said="金额少了")

    assert len(own_grievances(deployment, subject_of(deployment, "qiye1"))) == 1
    assert own_grievances(deployment, subject_of(deployment, "qiye2")) == ()


def test_an_answer_is_shown_with_its_reason(deployment: Deployment, client: TestClient) -> None:
    """What the subject is asked for while it waits for that; then the decision, why, and by which law."""
    send(client, f"/policies/{CENTRE}/appeal", said="金额少了")
    (line,) = own_grievances(deployment, subject_of(deployment, "qiye1"))
    named = line.grievance.grievance_id
    accept(deployment, named, Words("li"))
    investigate(deployment, named, Words("li"))
    ask(deployment, named, Words("li", "申报表"))
    assert "请补充：申报表" in client.get("/raised").text
    investigate(deployment, named, Words("li"))
    decide(deployment, named, GrievanceOutcome.REJECTED, Words("wang", "金额按第四条计算无误", "某办法第四条"))

    listed = client.get("/raised").text
    assert "请补充" not in listed
    assert "答复：金额按第四条计算无误" in listed
    assert "依据：某办法第四条" in listed


def test_a_payment_is_rated_once_and_by_its_receiver(deployment: Deployment, client: TestClient) -> None:
    """Two stars open a grievance; a second rating, somebody else's payment and six stars do nothing."""
    own = policy(deployment, CENTRE).lines[0].item_id
    theirs = policy(deployment, CENTRE, "qiye2").lines[0].item_id

    assert "规定时限内与您联系" in send(client, "/payments/rate", about=own, stars="2")[1]
    assert "评价这一笔" not in client.get("/payments").text
    assert send(client, "/payments/rate", about=own, stars="5")[0] == 409
    assert send(client, "/payments/rate", about=theirs, stars="5")[0] == 404
    assert send(client, "/payments/rate", about=own, stars="6")[0] == 404


def test_the_advice_is_for_the_receivers_own_payments(deployment: Deployment, client: TestClient) -> None:
    """The accountant's paper holds the sum that was paid; a year without payments is refused, a strange one is missing."""
    paid = sum(line.amount_fen for line in policy(deployment, CENTRE).lines if line.state is ItemState.PAID)
    assert f"{paid / 100:,.2f}" in send(client, "/payments/advice", year="2025", kind="txt")[1]
    assert send(client, "/payments/advice", year="2025", kind="xlsx")[0] == 200
    assert send(client, "/payments/advice", year="2019", kind="txt")[0] == 409
    assert {send(client, "/payments/advice", year=year, kind="txt")[0] for year in ("0", "99999", "一", "")} == {404}


def test_an_objection_to_somebody_elses_claim_is_missing(client: TestClient) -> None:
    """A case that is not the subject's own is no case at all."""
    assert send(client, "/payments/object", case="c_unknown", said="x")[0] == 404


def test_a_letter_is_opened_by_its_owner_alone(deployment: Deployment, client: TestClient) -> None:
    """Opening marks it read; the address of another's letter is missing."""
    letters = re.findall(r'href="/inbox/(\w+)"', client.get("/inbox").text)
    assert letters
    before = client.get("/inbox").text.count("未读")
    assert "免申即享" in client.get(f"/inbox/{letters[0]}").text
    assert client.get("/inbox").text.count("未读") == before - 1
    send(client, f"/inbox/{letters[0]}/away")
    assert letters[0] not in client.get("/inbox").text

    with TestClient(create_app(deployment)) as other:
        other.post("/login", data={"login": "qiye2", "password": PASSWORD})
        assert other.get(f"/inbox/{letters[1]}").status_code == 404


def test_what_may_be_declined_is_declined_and_wanted_again(client: TestClient) -> None:
    """Decisions are told in any case; a category that is not wanted says so until it is wanted again."""
    assert "已退订" in send(client, "/inbox/wanted", category="advice", wanted="no")[1]
    assert "已恢复接收" in send(client, "/inbox/wanted", category="advice", wanted="yes")[1]
    assert send(client, "/inbox/wanted", category="decision", wanted="no")[0] == 409
    assert send(client, "/inbox/wanted", category="everything", wanted="no")[0] == 404


def test_an_officer_has_none_of_it(deployment: Deployment) -> None:
    """Who speaks for no subject finds no page and no deed of one."""
    with TestClient(create_app(deployment)) as officer:
        officer.post("/login", data={"login": OFFICER, "password": PASSWORD})
        pages = ["/checkup", "/try", "/inbox", "/payments", "/raised", f"/policies/{REFUND}"]

        assert {officer.get(path).status_code for path in pages} == {404}


def test_what_was_raised_is_taken_back_or_goes_on(deployment: Deployment, client: TestClient) -> None:
    """One's own alone is withdrawn; what was not taken up goes on once, with words, before another person; then it is rated."""
    for said in ("金额少了", "依据不清"):
        send(client, f"/policies/{CENTRE}/appeal", said=said)
    newest, oldest = (
        each.grievance.grievance_id for each in own_grievances(deployment, subject_of(deployment, "qiye1"))
    )
    assert "已撤回" in send(client, "/raised/withdraw", grievance=newest)[1]
    assert send(client, "/raised/withdraw", grievance=newest)[0] == 409
    assert send(client, "/raised/again", grievance=oldest, said="x")[0] == 409

    refuse(deployment, oldest, Words("clerk", "不属受理范围", "办法第九条"))
    assert "再次提出" in client.get("/raised").text
    assert send(client, "/raised/again", grievance=oldest, said=" ")[0] == 409
    assert "另一位工作人员" in send(client, "/raised/again", grievance=oldest, said="属于")[1]
    assert send(client, "/raised/again", grievance=oldest, said="属于")[0] == 409
    assert "感谢" in send(client, "/raised/rate", grievance=oldest, stars="4")[1]
    assert send(client, "/raised/rate", grievance=oldest, stars="4")[0] == 409


def test_nothing_is_answered_that_was_not_asked(client: TestClient) -> None:
    """Without an open question there is no answer to it."""
    assert send(client, f"/policies/{REFUND}/answer", answer="是")[0] == 409
