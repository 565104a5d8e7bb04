"""What a portal reads of a subject is what the subject's own page shows, and nothing of anybody else."""

import pytest

from core.money import yuan_text
from engine.deployment import Deployment
from engine.explaining.books import statement_of
from engine.explaining.checkup import Checkup, check_up
from engine.explaining.explain import viewpoint_on
from engine.notice_desk import inbox_of
from store.accounts import account_of
from store.audit import read_entries
from store.states.notices import InboxState
from tests.pages.api.portal import Portal, number_of
from tests.trial_world import trial_world


def subject_of(deployment: Deployment, login: str) -> str:
    with deployment.store.reading() as rx:
        account = account_of(rx, login)
    assert account is not None
    assert account.subject_id is not None
    return account.subject_id


def checkup(deployment: Deployment, login: str) -> Checkup:
    with deployment.store.reading() as rx:
        return check_up(
            rx, viewpoint_on(rx, deployment, None), kind="enterprise", subject_id=subject_of(deployment, login)
        )


LOGINS = [account.login for account in trial_world().plan.trial_accounts]


@pytest.mark.parametrize("login", LOGINS)
def test_matches_are_those_of_the_page(portal: Portal, login: str) -> None:
    """The same policies in the same groups, with the same sums; between them the enterprises have every group."""
    said = portal.calls("/subject/matches", {"number": number_of(login)}).json()
    own = checkup(portal.deployment, login)

    assert {each["group"]: each["count"] for each in said["groups"]} == {
        group.name.lower(): len(members) for group, members in own.groups.items()
    }
    for group, amount in zip(said["groups"], own.sums.values(), strict=True):
        told = group["amount"] and (group["amount"]["at_least_fen"], group["amount"]["at_most_fen"])
        assert told == amount
    assert [each["policy"] for each in said["matches"]] == [
        each.policy for members in own.groups.values() for each in members
    ]


@pytest.mark.parametrize("login", LOGINS)
def test_every_reason_is_told(portal: Portal, login: str) -> None:
    """Each condition with its result, each fact with its value, department, table and day, and what may be done."""
    for own in checkup(portal.deployment, login).policies:
        said = portal.calls(f"/subject/matches/{own.policy}", {"number": number_of(login)}).json()
        assert own.examination is not None
        assert [each["id"] for each in said["criteria"]] == [each.id for each in own.examination.criteria]
        for told, seen in zip(said["criteria"], own.examination.criteria, strict=True):
            assert told["result"] == {True: "met", False: "not_met", None: "unknown"}[seen.result]
            assert [(each["label"], each["value"], each["department"]) for each in told["facts"]] == [
                (each.label, each.words if each.is_known else None, each.owner) for each in seen.facts
            ]
            assert [each["gap"] for each in told["gaps"]] == [each.gap for each in seen.distances]
        assert [each["amount_fen"] for each in said["payments"]] == [each.amount_fen for each in own.lines]
        assert [each["grant"] for each in said["offer"]["grants"]] == ([own.grant_id] if own.grant_id else [])


def test_a_near_miss_names_its_step(portal: Portal) -> None:
    """The one condition that is missing comes with what to do; an unknown comes with the department that owes the fact."""
    matches = portal.calls("/subject/matches", {"number": number_of()}).json()["matches"]
    (near,) = (each for each in matches if each["group"] == "one_step")
    (unknown,) = (each for each in matches if each["group"] == "unknown")

    assert near["step"]["result"] == "not_met"
    assert near["step"]["remedy"]
    assert near["failing"] == [near["step"]["label"]]
    assert unknown["missing"][0]["value"] is None
    assert unknown["missing"][0]["department"] == "市经济和信息化委员会"


def test_payments_are_those_of_the_ledger(portal: Portal) -> None:
    """To the fen, each with its state."""
    said = portal.calls("/subject/payments", {"number": number_of()}).json()
    with portal.deployment.store.reading() as rx:
        own = statement_of(rx, subject_of(portal.deployment, "qiye1"))

    told = sorted((each["policy"], each["item_id"], each["amount_fen"], each["state"]) for each in said["payments"])
    assert told == sorted(
        (policy, line.item_id, line.amount_fen, line.state.value) for policy, lines in own.items() for line in lines
    )
    assert yuan_text(said["payments"][0]["amount_fen"]) == "500,000.00"


def test_a_letter_that_is_opened_counts_as_read(portal: Portal) -> None:
    """The list opens nothing; a letter has its words, and is read from then on."""
    ask = {"number": number_of()}
    listed = portal.calls("/subject/notices", ask).json()["notices"]
    assert {each["state"] for each in listed} == {"unread"}

    letter = portal.calls(f"/subject/notices/{listed[0]['notice']}", ask).json()

    assert listed[0]["title"] in letter["body"]
    states = {
        item.notice.notice_id: item.state
        for item in inbox_of(portal.deployment, subject_of(portal.deployment, "qiye1"))
    }
    assert states[listed[0]["notice"]] is InboxState.READ
    assert list(states.values()).count(InboxState.UNREAD) == len(listed) - 1


def test_nothing_is_said_of_another(portal: Portal) -> None:
    """Letters of another are missing, like letters that nobody has; and no name or number stands in any answer."""
    theirs = portal.calls("/subject/notices", {"number": number_of("qiye2")}).json()["notices"]
    for each in theirs:
        answer = portal.calls(f"/subject/notices/{each['notice']}", {"number": number_of("qiye1")})
        nothing = portal.calls("/subject/notices/n_of_nobody", {"number": number_of("qiye1")})
        assert (answer.status_code, answer.content) == (404, nothing.content)
    accounts = trial_world().plan.trial_accounts
    said = [
        portal.calls(f"/subject/{what}", {"number": number_of()}).text for what in ("matches", "payments", "notices")
    ]
    assert not any(word in text for text in said for each in accounts for word in (each.name, each.number))


def test_policies_are_everybodys(portal: Portal) -> None:
    """Without a signature: found by words and department, part by part, each with its guide; nothing of it is recorded."""
    with portal.deployment.store.reading() as rx:
        before = len(list(read_entries(rx)))
    client = portal.client
    every = client.get("/api/v1/policies", params={"page_size": 200}).json()
    parts = [client.get("/api/v1/policies", params={"page_size": 5, "page": page}).json() for page in (1, 2, 3, 4)]
    found = client.get("/api/v1/policies", params={"words": "高新", "owner": "区科学技术委员会"}).json()

    assert every["total_count"] == len(every["policies"]) > 10
    assert [each for part in parts for each in part["policies"]] == every["policies"]
    assert [each["policy"] for each in found["policies"]] == ["hightech-award"]
    guide = client.get("/api/v1/policies/hightech-award").json()
    assert guide["amounts"][0] == {
        "component": None,
        "when": "高企认定类型为“首次认定”",
        "amount": "250,000元",
        "article": None,
    }
    assert client.get("/api/v1/policies/nothing").status_code == 404
    with portal.deployment.store.reading() as rx:
        assert len(list(read_entries(rx))) == before


@pytest.mark.parametrize("path", ["/api/v1/policies", "/api/v1/policies/hightech-award"])
def test_what_is_unchanged_is_not_sent_again(portal: Portal, path: str) -> None:
    """By its tag, among several, weak or not; another tag brings the whole."""
    first = portal.client.get(path)
    tag = first.headers["ETag"]

    for known in (tag, f'"other", W/{tag}', "*"):
        again = portal.client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert portal.client.get(path, headers={"If-None-Match": '"other"'}).content == first.content
    assert first.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "page_size=201", "words=%00", "words=" + "x" * 101, "nothing=1", "page=" + "9" * 99]
)
def test_a_list_is_asked_for_in_its_form(portal: Portal, query: str) -> None:
    """Anything else is a problem."""
    answer = portal.client.get(f"/api/v1/policies?{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "E703")
