"""What a subject raises through a portal is what it raises on its page: once, sealed, answered, and its own alone."""

import pytest

from core.days import add_days
from engine.deployment import Deployment
from engine.grievances.handling import Words, accept, ask, decide, investigate
from engine.grievances.views import own_grievances, view_grievance
from store.opening import Writing
from store.rows import insert_rows
from store.sealed_notes import open_note
from store.states.cases import CaseState
from store.states.grievances import GrievanceOutcome, GrievanceSource, GrievanceState
from store.tables import OverpaymentCase
from tests.pages.api.portal import Portal, later, number_of
from tests.pages.api.test_reading import checkup, subject_of
from tests.trial_world import LAST_NIGHT

AWARD, CENTRE = "hightech-award", "technology-centre-municipal"
KEY = "key-00000001"
SAID = "金额少了，应为二十万元"
LIST = "/subject/objections"


def appeal(portal: Portal, login: str = "qiye1", **more: object) -> dict[str, object]:
    """Have a subject object to an outcome, and return what the portal was told."""
    asked = {"number": number_of(login), "said": SAID} | more
    answer = portal.calls(f"/subject/policies/{CENTRE}/appeal", asked, once=f"key-of-{login}")
    assert answer.status_code == 200, answer.text
    told: dict[str, object] = answer.json()
    return told


def listed(portal: Portal, login: str = "qiye1") -> list[dict[str, object]]:
    """Return what the portal is told that a subject raised."""
    found: list[dict[str, object]] = portal.calls(LIST, {"number": number_of(login)}).json()["objections"]
    return found


def sealed(deployment: Deployment, objection: object) -> str | None:
    """Open what was said."""
    with deployment.store.writing() as tx:
        return open_note(
            tx, deployment.seals, about=str(objection), field="said", subject_id="", by="test", why="grievance"
        )


def overpay(tx: Writing, obligation_id: str) -> str:
    """Write down a claim that its subject was told of."""
    case = {
        "case_id": "k_bbbbbbbbbbbbbbbb", "obligation_id": obligation_id, "number": 1, "amount_fen": 12_345,
        "recovered_fen": 0, "written_off_fen": 0, "kept_fen": 0, "state": CaseState.NOTIFIED, "moves": 0,
        "told_fen": 12_345, "object_through": add_days(LAST_NIGHT, 90), "opened_at": tx.now, "closed_at": None, "run_id": None,
    }  # fmt: skip
    insert_rows(tx, OverpaymentCase, [case])
    return str(case["case_id"])


def test_an_outcome_is_objected_to_once(portal: Portal) -> None:
    """The same key brings the same objection; its words are sealed, and in no answer and not in the chain."""
    told, again = appeal(portal), appeal(portal)
    (line,) = own_grievances(portal.deployment, subject_of(portal.deployment, "qiye1"))

    assert told == again == listed(portal)[0]
    assert (told["objection"], told["policy"], told["state"]) == (line.grievance.grievance_id, CENTRE, "received")
    assert (told["kind_words"], told["state_words"], told["deeds"]) == ("资格或金额异议", "已登记", ["withdraw"])
    assert told["answer_by"] == str(line.deadline.through)
    assert (line.grievance.source, line.grievance.received_by) == (GrievanceSource.PAGE, "portal:city")
    assert sealed(portal.deployment, told["objection"]) == SAID
    with portal.deployment.store.reading() as rx:
        chain = str(rx.connection.exec_driver_sql("select * from audit_entry").all())
        kept = str(rx.connection.exec_driver_sql("select * from portal_answer").all())
    assert SAID not in chain + kept


def test_a_wrong_fact_goes_to_its_department(portal: Portal) -> None:
    """As on the page: with who tells it, what is held and what it should be; a fact that the policy does not read is missing."""
    found = checkup(portal.deployment, "qiye1").policy(AWARD)
    assert found is not None
    fact = next(each for each in found.facts if each.label == "统计年报已报送")
    place, asked = f"/subject/policies/{AWARD}/dispute", {"number": number_of(), "should": "是", "said": "五月已报"}
    told = portal.calls(place, asked | {"fact": fact.code}, once=KEY).json()
    nothing = portal.calls(place, asked | {"fact": "nobody"}, once="key-00000002")

    assert sealed(portal.deployment, told["objection"]) == (
        f"数据更正：统计年报已报送（{fact.owner}《{fact.source}》）现为“{fact.words}”，认为应为“是”。五月已报"
    )
    assert (nothing.status_code, nothing.json()["code"]) == (404, "E706")
    assert len(listed(portal)) == 1


def test_state_and_answer_are_told(portal: Portal) -> None:
    """What the subject is asked for while it waits for that, then the decision with reason and law; then it may go on."""
    deployment, named = portal.deployment, str(appeal(portal)["objection"])
    later(deployment, hours=1)
    accept(deployment, named, Words("li"))
    investigate(deployment, named, Words("li"))
    ask(deployment, named, Words("li", "请提供五月的申报表"))
    (waiting,) = listed(portal)
    investigate(deployment, named, Words("li"))
    (looked_into,) = listed(portal)
    decide(deployment, named, GrievanceOutcome.REJECTED, Words("wang", "金额按第四条计算无误", "某办法第四条"))
    (decided,) = listed(portal)

    assert (waiting["state"], waiting["asked"], waiting["answer_by"]) == ("waiting", "请提供五月的申报表", None)
    assert (looked_into["asked"], looked_into["answer"]) == (None, None)
    answer = decided["answer"]
    assert isinstance(answer, dict)
    assert (answer["reason"], answer["basis"]) == ("金额按第四条计算无误", "某办法第四条")
    assert (decided["outcome"], decided["outcome_words"], decided["answer_by"]) == ("rejected", "不成立", None)
    assert decided["deeds"] == ["again"]

    place, asked = f"{LIST}/{named}/again", {"number": number_of(), "said": "请再核对"}
    gone_on = portal.calls(place, asked, once=KEY)
    assert (gone_on.status_code, gone_on.json()["earlier"]) == (200, named)
    assert portal.calls(place, asked, once=KEY).content == gone_on.content
    assert portal.calls(place, asked, once="key-00000002").status_code == 409
    assert [each["earlier"] for each in listed(portal)] == [named, None]
    assert view_grievance(deployment, named).line.grievance.state is GrievanceState.REAPPEALED


def test_it_is_taken_back(portal: Portal) -> None:
    """Once; a second time it is over."""
    named = appeal(portal)["objection"]
    back = portal.calls(f"{LIST}/{named}/withdraw", {"number": number_of()}, once=KEY)
    twice = portal.calls(f"{LIST}/{named}/withdraw", {"number": number_of()}, once="key-00000002")

    assert (back.status_code, back.json()["state"], back.json()["deeds"]) == (200, "withdrawn", [])
    assert twice.status_code == 409


def test_a_claim_is_objected_to(portal: Portal) -> None:
    """By its id in the payments; nothing is taken back before somebody else decides."""
    own = checkup(portal.deployment, "qiye1").policy(CENTRE)
    assert own is not None
    with portal.deployment.store.writing() as tx:
        chosen = "select obligation_id from obligation where grant_id = ?"
        claim = overpay(tx, str(tx.connection.exec_driver_sql(chosen, (own.grant_id,)).scalar()))
    place = f"/subject/claims/{claim}/object"
    theirs = portal.calls(place, {"number": number_of("qiye2"), "said": "x"}, once=KEY)
    told = portal.calls(place, {"number": number_of(), "said": "没有多发"}, once=KEY).json()

    assert theirs.status_code == 404
    assert (told["kind"], told["claim"], told["policy"]) == ("claim", claim, CENTRE)
    claims = portal.calls("/subject/payments", {"number": number_of()}).json()["claims"]
    assert [each["state"] for each in claims] == ["appealed"]


@pytest.mark.parametrize("deed", ["withdraw", "again"])
def test_another_ones_objection_is_missing(portal: Portal, deed: str) -> None:
    """It looks like one that nobody raised; nothing changes, and no list has it."""
    theirs = appeal(portal, "qiye2")["objection"]
    sent = {"number": number_of()} | ({"said": "x"} if deed == "again" else {})
    answers = [portal.calls(f"{LIST}/{each}/{deed}", sent, once=KEY) for each in (theirs, "q_of_nobody")]

    assert [each.status_code for each in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert listed(portal) == []
    assert [each["state"] for each in listed(portal, "qiye2")] == ["received"]


@pytest.mark.parametrize(
    ("place", "more", "status", "code"),
    [
        (f"/subject/policies/{CENTRE}/appeal", {"said": " "}, 422, "E631"),
        (f"/subject/policies/{CENTRE}/appeal", {"said": "x" * 2001}, 422, "E703"),
        (f"/subject/policies/{CENTRE}/appeal", {"said": "a\x00"}, 422, "E703"),
        ("/subject/policies/nothing/appeal", {"said": "x"}, 404, "E706"),
        (f"/subject/policies/{AWARD}/dispute", {"fact": "x"}, 422, "E703"),
        ("/subject/claims/k_of_nobody/object", {"said": "x"}, 404, "E706"),
    ],
)  # fmt: skip
def test_what_is_refused(portal: Portal, place: str, more: dict[str, object], status: int, code: str) -> None:
    """As a problem, and nothing is kept; the key stays free."""
    answer = portal.calls(place, {"number": number_of()} | more, once=KEY)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert listed(portal) == []
    assert appeal(portal)["state"] == "received"
