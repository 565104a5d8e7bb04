"""Whose work claims and grievances are, where roles are required: each deed wants its own, and reading names wants one too."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.errors import MianshenError
from core.roles import Role
from core.settings import Access
from engine.appointing import appoint
from engine.deployment import Deployment
from engine.grievances import handling
from engine.grievances.handling import Words
from engine.grievances.hotline_file import import_hotline
from engine.grievances.intake import Intake
from engine.grievances.views import open_words
from engine.overpayments.case_book import write_case_book
from engine.overpayments.contacts import keep_contact, open_contact
from engine.overpayments.deciding import Decision, decide, notify, record_objection
from engine.overpayments.giving_up import ask_relief, grant_relief, refuse_relief
from engine.overpayments.instalments import agree_plan
from engine.overpayments.recovering import recover
from engine.overpayments.signing import Signed
from engine.overpayments.views import list_cases
from store.access_codes import AccessCode
from store.case_receipts import Receipt
from store.roles import Post
from store.states.cases import ReliefKind
from store.states.grievances import GrievanceKind, GrievanceOutcome, GrievanceSource
from tests.engine.grievances.stage import come
from tests.engine.overpayments.stage import MONTHS, case, overpaid
from tests.world import World, day

AGAIN = Intake(GrievanceKind.SERVICE, GrievanceSource.COUNTER, "不服", day("2025-04-02"))
OFFICER, APPROVER, PAYMASTER = Role.OFFICER, Role.APPROVER, Role.PAYMASTER
KEEPERS = (OFFICER, APPROVER, PAYMASTER)


def signed(by: str) -> Signed:
    """Return somebody's full signature."""
    return Signed(by, "已核实", "某办法第三条")


def words(by: str) -> Words:
    """Return somebody's full words."""
    return Words(by, "已核实", "某办法第三条", "残联")


@dataclass(frozen=True)
class Desk:
    """A workspace in which roles are required, with a claim and a grievance."""

    deployment: Deployment
    case_id: str
    grievance_id: str

    def names(self, by: str) -> None:
        """Write the list of claims with names."""
        path = self.deployment.workspace.root / "cases.xlsx"
        write_case_book(self.deployment, list_cases(self.deployment), path, by=by)

    def file(self, by: str) -> None:
        """Import a hotline's file that is not there."""
        import_hotline(self.deployment, self.deployment.workspace.root / "none.csv", by=by)


Deed = Callable[[Desk, str], object]
DEEDS: dict[str, tuple[Role, Deed]] = {
    "notify": (OFFICER, lambda to, by: notify(to.deployment, to.case_id, by=by)),
    "object": (OFFICER, lambda to, by: record_objection(to.deployment, to.case_id, by=by, reason="不服")),
    "decide": (APPROVER, lambda to, by: decide(to.deployment, to.case_id, Decision.CONFIRM, signed(by))),
    "recover": (
        PAYMASTER,
        lambda to, by: recover(to.deployment, Receipt("R", day("2025-04-01"), 1), [to.case_id], by=by),
    ),
    "plan": (OFFICER, lambda to, by: agree_plan(to.deployment, to.case_id, [], by=by)),
    "ask": (OFFICER, lambda to, by: ask_relief(to.deployment, to.case_id, ReliefKind.WAIVER, signed(by))),
    "grant": (APPROVER, lambda to, by: grant_relief(to.deployment, to.case_id, by=by)),
    "refuse": (APPROVER, lambda to, by: refuse_relief(to.deployment, to.case_id, by=by, reason="不足")),
    "contact": (OFFICER, lambda to, by: keep_contact(to.deployment, to.case_id, "某甲", by=by)),
    "read contact": (OFFICER, lambda to, by: open_contact(to.deployment, to.case_id, by=by)),
    "list names": (OFFICER, Desk.names),
    "accept": (OFFICER, lambda to, by: handling.accept(to.deployment, to.grievance_id, words(by))),
    "not accept": (APPROVER, lambda to, by: handling.refuse(to.deployment, to.grievance_id, words(by))),
    "investigate": (OFFICER, lambda to, by: handling.investigate(to.deployment, to.grievance_id, words(by))),
    "ask the applicant": (OFFICER, lambda to, by: handling.ask(to.deployment, to.grievance_id, words(by))),
    "decide a grievance": (
        APPROVER,
        lambda to, by: handling.decide(to.deployment, to.grievance_id, GrievanceOutcome.REJECTED, words(by)),
    ),
    "execute": (OFFICER, lambda to, by: handling.execute(to.deployment, to.grievance_id, words(by))),
    "close": (OFFICER, lambda to, by: handling.close(to.deployment, to.grievance_id, words(by))),
    "withdraw": (OFFICER, lambda to, by: handling.withdraw(to.deployment, to.grievance_id, words(by))),
    "reappeal": (OFFICER, lambda to, by: handling.reappeal(to.deployment, to.grievance_id, AGAIN, by=by)),
    "read words": (OFFICER, lambda to, by: open_words(to.deployment, to.grievance_id, by=by)),
    "import": (OFFICER, Desk.file),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return a desk at which one person has each role, and `wang` has none."""
    root: Path = tmp_path_factory.mktemp("roles") / "w"
    world = overpaid(World.at(root), months=MONTHS[:1])
    grievance = come(world, GrievanceKind.ENTITLEMENT, subject=world.subject("a"), policy="care").grievance
    workspace = world.deployment.workspace
    settings = workspace.settings.model_copy(update={"access": Access(roles="required")})
    deployment = replace(world.deployment, workspace=replace(workspace, settings=settings))
    appoint(deployment, Post("li", Role.OPERATOR), by="li", reason="first")
    for role in KEEPERS:
        appoint(deployment, Post(role.value, role), by="li", reason="appointed")
    yield Desk(deployment, case(world).case_id, grievance.grievance_id)
    world.store.close()


def codes(deed: Deed, desk: Desk, by: str) -> list[str]:
    """Return by which codes a deed is refused, if it is."""
    try:
        deed(desk, by)
    except MianshenError as refusal:
        return [finding.code.value for finding in refusal.findings]
    return []


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_wants_its_role(desk: Desk, name: str) -> None:
    """Who has no role is refused; who has the right one is not, whatever else stands in the way."""
    role, deed = DEEDS[name]

    assert codes(deed, desk, "wang") == [AccessCode.NOT_ALLOWED]
    assert AccessCode.NOT_ALLOWED not in codes(deed, desk, role.value)


@pytest.mark.parametrize("name", [name for name, (role, _) in DEEDS.items() if role is not OFFICER])
def test_an_officer_does_not_sign(desk: Desk, name: str) -> None:
    """What another person decides, and what is taken in at the till, is not an officer's."""
    assert codes(DEEDS[name][1], desk, OFFICER.value) == [AccessCode.NOT_ALLOWED]
