"""What a portal does for a subject: the deed of the page, recorded in the portal's name, and once for each key."""

import threading
from pathlib import Path

import pytest

from core.ids import text_digest
from core.ledger import ActKind, GrantState
from engine.deployment import Deployment
from store.grants import read_acts
from store.states.entry import PortalScope
from tests.pages.api.portal import Portal, later, number_of, registered
from tests.pages.api.test_reading import checkup, subject_of
from tests.store.failing import Moment, failing_disk
from tests.trial_world import trial_world

REFUND, CENTRE = "job-stabilisation-refund", "technology-centre-municipal"
ACCOUNT = "6222021234567890123"
KEY = "key-00000001"


def place(policy: str, deed: str) -> str:
    return f"/subject/policies/{policy}/{deed}"


def grant(deployment: Deployment, policy: str, login: str = "qiye1") -> str:
    found = checkup(deployment, login).policy(policy)
    assert found is not None
    assert found.grant_id is not None
    return found.grant_id


def acts(deployment: Deployment, policy: str) -> list[ActKind]:
    with deployment.store.reading() as rx:
        return [each.kind for each in read_acts(rx, grants=[grant(deployment, policy)])]


def test_a_yes_with_an_account(portal: Portal) -> None:
    """It is the subject's own word, said by the portal; the number is in no answer, and the chain knows nothing of it."""
    sent = {"number": number_of(), "account": {"number": ACCOUNT, "bank": "示例银行"}}
    answer = portal.calls(place(REFUND, "confirm"), sent, once=KEY)

    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "done": "confirm",
        "policy": REFUND,
        "grant": grant(portal.deployment, REFUND),
        "state": "confirmed",
        "state_words": "已确认，等待核算",
        "words": "已确认。今晚核算，之后按发放日拨付，并会告知您。",
    }
    with portal.deployment.store.reading() as rx:
        last = read_acts(rx, grants=[grant(portal.deployment, REFUND)])[-1]
        chain = str(rx.connection.exec_driver_sql("select * from audit_entry").all())
        kept = str(rx.connection.exec_driver_sql("select * from portal_answer").all())
    assert (last.by, last.is_assisted) == ("portal:city", False)
    assert ACCOUNT not in chain + kept
    assert text_digest(ACCOUNT) not in chain + kept
    payee = portal.deployment.book("test").payee(subject_of(portal.deployment, "qiye1"))
    assert [account.number for account in payee.accounts] == [ACCOUNT]


def test_no_and_asked_again(portal: Portal) -> None:
    """What was declined is offered once more when its subject asks."""
    ask = {"number": number_of(), "grant": grant(portal.deployment, REFUND)}
    states = [
        portal.calls(place(REFUND, deed), ask, once=f"key-for-{deed}").json()["state"] for deed in ("decline", "again")
    ]

    assert states == ["declined", "offered"]


def test_given_up_and_taken_back(portal: Portal) -> None:
    """With a reason, and at once."""
    ask = {"number": number_of()}
    waived = portal.calls(place(CENTRE, "waive"), ask | {"reason": "不再需要"}, once="key-for-waiving")
    again = portal.calls(place(CENTRE, "waive"), ask | {"reason": "不再需要"}, once="key-for-once-more")
    back = portal.calls(place(CENTRE, "revoke"), ask, once="key-for-revoking")

    assert (waived.status_code, back.status_code) == (200, 200)
    assert (again.status_code, again.json()["code"]) == (409, "E601")
    assert acts(portal.deployment, CENTRE)[-2:] == [ActKind.WAIVE, ActKind.REVOKE_WAIVER]


@pytest.mark.parametrize(
    ("deed", "more", "status", "code"),
    [
        ("confirm", {"account": {"number": "12"}}, 422, "E703"),
        ("confirm", {"account": {"number": "1234 567"}}, 422, "E604"),
        ("answer", {"answer": "是"}, 409, "E602"),
        ("revoke", {}, 409, "E601"),
        ("waive", {"reason": ""}, 422, "E703"),
        ("waive", {"reason": "x" * 301}, 422, "E703"),
    ],
)
def test_what_is_refused(portal: Portal, deed: str, more: dict[str, object], status: int, code: str) -> None:
    """As a problem, without a word of what was sent or of our commands; nothing changes, and the key stays free."""
    before = acts(portal.deployment, REFUND)
    answer = portal.calls(place(REFUND, deed), {"number": number_of()} | more, once=KEY)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "--" not in answer.text
    assert "mianshen" not in answer.text
    assert acts(portal.deployment, REFUND) == before
    free = portal.calls(place(REFUND, "decline"), {"number": number_of()}, once=KEY)
    assert free.status_code == 200


@pytest.mark.parametrize("deed", ["confirm", "decline", "again", "waive", "revoke"])
def test_another_ones_grant_is_missing(portal: Portal, deed: str) -> None:
    """It looks like a grant that nobody has, and like a policy that nobody knows; nothing changes."""
    theirs = grant(portal.deployment, CENTRE, "qiye2")
    sent = {"number": number_of("qiye1")} | ({"reason": "x"} if deed == "waive" else {})
    answers = [
        portal.calls(place(policy, deed), sent | {"grant": each}, once=KEY)
        for policy, each in ((CENTRE, theirs), (CENTRE, "g_of_nobody"), ("nothing", theirs), (REFUND, theirs))
    ] + [portal.calls(place("nothing", deed), sent, once=KEY)]

    assert [each.status_code for each in answers] == [404] * 5
    assert len({each.content for each in answers}) == 1
    own = checkup(portal.deployment, "qiye2").policy(CENTRE)
    assert own is not None
    assert own.grant is GrantState.ACTIVE


def test_a_deed_needs_a_key(portal: Portal) -> None:
    """Without one nobody could tell whether it came before."""
    for once in ("", "short", "a key with spaces", "x" * 65):
        answer = portal.calls(place(REFUND, "decline"), {"number": number_of()}, once=once)
        assert (answer.status_code, answer.json()["code"]) == (400, "E703")
    assert ActKind.DECLINE not in acts(portal.deployment, REFUND)


def test_however_often_is_once(portal: Portal) -> None:
    """P: the same key brings the same bytes and does nothing more, whatever happened in between."""
    ask = {"number": number_of()}
    first = portal.calls(place(REFUND, "decline"), ask, once=KEY)
    portal.calls(place(REFUND, "again"), ask, once="key-of-something-else")
    done = acts(portal.deployment, REFUND)
    again = [portal.calls(place(REFUND, "decline"), ask, once=KEY) for _ in range(5)]

    assert first.status_code == 200
    assert {each.content for each in again} == {first.content}
    assert acts(portal.deployment, REFUND) == done


def test_a_key_stands_for_one_request(portal: Portal) -> None:
    """Another body or another path under it is a conflict; another portal's key of the same name is its own."""
    ask = {"number": number_of()}
    portal.calls(place(CENTRE, "waive"), ask | {"reason": "a"}, once=KEY)
    body = portal.calls(place(CENTRE, "waive"), ask | {"reason": "b"}, once=KEY)
    path = portal.calls(place(CENTRE, "revoke"), ask, once=KEY)
    other = registered(portal.deployment, "other", may=[PortalScope.WAIVE], client=portal.client)

    assert [(each.status_code, each.json()["code"]) for each in (body, path)] == [(409, "E704")] * 2
    assert other.calls(place(CENTRE, "revoke"), ask, once=KEY).status_code == 200


def test_a_key_is_free_after_its_days(portal: Portal) -> None:
    """Thirty days, unless the settings say otherwise."""
    ask = {"number": number_of()}
    portal.calls(place(REFUND, "decline"), ask, once=KEY)
    portal.calls(place(REFUND, "again"), ask, once="key-of-something-else")
    counts = []
    for seconds in (30 * 24 * 3600, 1):
        later(portal.deployment, seconds=seconds)
        assert portal.calls(place(REFUND, "decline"), ask, once=KEY).status_code == 200
        counts.append(acts(portal.deployment, REFUND).count(ActKind.DECLINE))

    assert counts == [1, 2]


def test_the_same_call_to_several_at_once(portal: Portal) -> None:
    """One of them does it, and all of them say the same."""
    start, said = threading.Barrier(4), list[bytes]()

    def call() -> None:
        start.wait()
        said.append(portal.calls(place(REFUND, "decline"), {"number": number_of()}, once=KEY).content)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(said) == 4
    assert len(set(said)) == 1, said
    assert acts(portal.deployment, REFUND).count(ActKind.DECLINE) == 1


@pytest.mark.parametrize("moment", list(Moment), ids=lambda each: each.value)
def test_a_disk_that_fails_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: Moment) -> None:
    """P: at whichever statement or commit it fails, calling again until it works does it once and says what stands."""
    disk = failing_disk(monkeypatch)
    with trial_world().open(tmp_path / "w") as deployment:
        portal = registered(deployment)
        ask, failed_count, step_count, number = {"number": number_of()}, 0, 0, 0
        while number <= step_count:
            before, key = acts(deployment, REFUND), f"key-to-decline-{number:04}"
            with disk.watched(number, moment):
                first = portal.calls(place(REFUND, "decline"), ask, once=key)
            second = portal.calls(place(REFUND, "decline"), ask, once=key)
            failed_count += first.status_code >= 500
            if number == 0:  # nothing fails; it shows how many steps there are
                step_count = disk.asked if moment is Moment.BEFORE else disk.commits
            assert second.status_code == 200, second.text
            assert first.status_code >= 500 or first.content == second.content
            assert acts(deployment, REFUND) == [*before, ActKind.DECLINE]
            later(deployment, seconds=1)
            portal.calls(place(REFUND, "again"), ask, once=f"key-to-be-asked-{number}")
            later(deployment, seconds=1)
            number += 1
    assert failed_count > (10 if moment is Moment.BEFORE else 1)


def test_wishes_about_notices(portal: Portal) -> None:
    """A kind is declined and wanted again; what is mandatory is not declined."""
    ask = {"number": number_of()}
    place = "/subject/subscriptions"

    def wanted(said: dict[str, list[dict[str, object]]]) -> dict[object, object]:
        return {each["category"]: each["is_wanted"] for each in said["categories"]}

    declined = portal.calls(f"{place}/advice", ask | {"is_wanted": False}, once=KEY)
    assert wanted(declined.json())["advice"] is False
    assert portal.calls(place, ask).json() == declined.json()
    portal.calls(f"{place}/advice", ask | {"is_wanted": True}, once="key-00000002")
    assert wanted(portal.calls(place, ask).json())["advice"] is True
    refused = portal.calls(f"{place}/decision", ask | {"is_wanted": False}, once="key-00000003")
    assert (refused.status_code, refused.json()["code"]) == (409, "D227")


def test_the_record_names_the_portal(portal: Portal) -> None:
    """Whoever looks at the chain sees who did it, as for every deed."""
    portal.calls(place(REFUND, "decline"), {"number": number_of()}, once=KEY)

    with portal.deployment.store.reading() as rx:
        rows = rx.connection.exec_driver_sql(
            "select event, done_by from audit_entry where done_by = 'portal:city' order by sequence"
        ).all()
    assert [tuple(row) for row in rows] == [("facts.read", "portal:city"), ("grant.decline", "portal:city")]
