"""What commands list ends where the roles of whoever asks end, as the console's pages do."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from commands.terminal import USER
from core.clock import FixedClock
from core.errors import EXIT_DONE, EXIT_REFUSED
from core.roles import Role, Scope
from engine.deployment import deployed
from store.audit import last_entries
from store.outbox import read_notices
from store.roles import Post, grant_role
from tests.beyond import PAID, Hidden, hidden, stage
from tests.commands.terminal import Said, mianshen
from tests.trial_world import LAST_NIGHT, trial_world

DEPARTMENT = "department:区科学技术委员会"
ON = ("--on", LAST_NIGHT)
LISTS = [
    ("payouts", "list"),
    ("payouts", "exceptions"),
    ("cases", "list"),
    ("grievances", "list", "--all"),
    ("lists", "show"),
    ("waivers", "list"),
    ("publicity", "list"),
    ("suspicions", "list", "--all"),
    ("budget", "show"),
    ("budget", "verify"),
    ("supervision", "list", "--json"),
    ("supervision", "policies"),
    ("supervision", "departments"),
    ("supervision", "points"),
    ("audit", "list", "--last", 9999),
    ("notices", "list", "--limit", 9999),
    ("rounds", "list"),
    ("grants", "list"),
    ("rules", "list"),
    ("rules", "readiness", *ON, "--json"),
]
SILENT = {
    ("payouts", "exceptions"),
    ("lists", "show"),
    ("budget", "verify"),
    ("supervision", "departments"),
    ("rounds", "list"),
}
"""What holds no word of the others in this workspace, whoever asks."""

DATA = [("data", "list", *ON), ("data", "check", *ON)]
READ = "enterprise_register"
THEIRS = "dibao_list"  # the list of 低保, which no policy of the department reads


@dataclass(frozen=True, slots=True)
class Office:
    """A workspace in which roles decide, and what of it lies outside a department."""

    root: Path
    found: Hidden

    def give(self, role: Role, scope: str = "everything") -> None:
        """Give whoever sits at the machine a role."""
        parsed = Scope.parse(scope)
        assert parsed is not None
        with deployed(self.root, FixedClock(trial_world().after)) as deployment, deployment.store.writing() as tx:
            grant_role(tx, Post(USER, role, parsed), by="boss", reason="appointed")

    def ask(self, *words: object) -> Said:
        """Give words to the command line."""
        return mianshen(*words, "-w", self.root)


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Hidden]:
    """Return the trial with something of everything under the policies of the others."""
    root = tmp_path_factory.mktemp("reach") / "w"
    with trial_world().open(root) as deployment:
        stage(deployment)
        with deployment.store.writing() as tx:
            grant_role(tx, Post("boss", Role.OPERATOR), by="boss", reason="first")
        return root, hidden(deployment, DEPARTMENT)


@pytest.fixture
def office(staged: tuple[Path, Hidden], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Return a copy of it in which nobody but `boss` has a role yet."""
    monkeypatch.setenv("MIANSHEN_ACCESS__ROLES", "required")
    shutil.copytree(staged[0], tmp_path / "w")
    return Office(tmp_path / "w", staged[1])


def test_whoever_reaches_everything_is_shown_the_others(office: Office) -> None:
    """Else the next test says nothing; and of a reach that is the whole nothing is said."""
    for role in Role:
        office.give(role)
    for words in LISTS:
        said = office.ask(*words)
        assert (said.code, said.err) == (EXIT_DONE, ""), words
        assert words in SILENT or office.found.said(said.out), words


def test_a_list_holds_what_a_department_s_roles_take_in_alone(office: Office) -> None:
    """In every role at once over one department: not a word of the others, and that it is a part is said beside it."""
    for role in Role:
        office.give(role, DEPARTMENT)
    for words in LISTS:
        said = office.ask(*words)
        assert (said.code, office.found.said(said.out)) == (EXIT_DONE, []), words
        assert said.err == f"only what the roles of `{USER}` take in: policies: 2\n", words
    assert "hightech-award" in office.ask("rules", "list").out


def test_a_list_goes_by_the_roles_that_it_is_for(office: Office) -> None:
    """A steward over everything sees of the batches what their role as paymaster of one department takes in."""
    office.give(Role.STEWARD)
    office.give(Role.PAYMASTER, DEPARTMENT)

    assert office.found.said(office.ask("payouts", "list").out) == []
    assert office.found.said(office.ask("rules", "list").out)


def test_what_is_written_to_files_is_cut_as_well(office: Office, tmp_path: Path) -> None:
    """The workbook of the budgets and the register of waivers."""
    office.give(Role.SUPERVISOR, DEPARTMENT)
    budgets = office.ask("budget", "export", "--to", tmp_path / "budget.xlsx")
    cells = {
        str(cell)
        for sheet in openpyxl.load_workbook(tmp_path / "budget.xlsx").worksheets
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    }
    assert budgets.code == EXIT_DONE
    assert PAID not in cells


@pytest.mark.parametrize(
    "words",
    [("payouts", "show"), ("cases", "show"), ("grievances", "show"), ("lists", "show"), ("rules", "show"),
     ("rules", "history"), ("notices", "show")],
    ids=" ".join,
)  # fmt: skip
def test_one_thing_of_the_others_is_refused_by_its_name(office: Office, words: tuple[str, str]) -> None:
    """Not a word of it is said, and that somebody asked stands in the chain; what is not there is refused in the same words."""
    for role in Role:
        office.give(role, DEPARTMENT)
    columns = {"payouts": "batch_id", "cases": "case_id", "grievances": "grievance_id", "notices": "notice_id"}
    column = columns.get(words[0], "policy")
    name = PAID if column == "policy" else min(office.found.ids[column])
    said = office.ask(*words, name)

    assert (said.code, said.out) == (EXIT_REFUSED, "")
    assert "error[E656]" in said.err
    with deployed(office.root, FixedClock(trial_world().after)) as deployment, deployment.store.reading() as rx:
        (refused,) = last_entries(rx, 1, event="access.refused")
    assert (refused.done_by, refused.about in office.found.ids["policy"]) == (USER, True)
    nothing = office.ask(*words, "nothing-of-that-name")
    assert (nothing.code, nothing.out) == (said.code, "")
    assert nothing.err.replace("nothing-of-that-name", name) == said.err


def test_a_message_of_the_others_is_neither_listed_nor_sent_again(office: Office) -> None:
    """In the inbox of a subject stand those about one's own policies; of the others' none is sent again or settled."""
    with deployed(office.root, FixedClock(trial_world().after)) as deployment, deployment.store.reading() as rx:
        (subject, *_) = [each.notice.subject_id for each in read_notices(rx, policies=[PAID], channel="inbox")]
    own, theirs = office.ask("notices", "inbox", subject), min(office.found.ids["notice_id"])
    assert own.code == EXIT_REFUSED  # nobody has a role yet
    office.give(Role.OPERATOR, DEPARTMENT)
    own = office.ask("notices", "inbox", subject)

    assert (own.code, office.found.said(own.out)) == (EXIT_DONE, [])
    again = office.ask("notices", "replay", theirs, "--reason", "again")
    settled = office.ask("notices", "resolve", theirs, "arrived", "--reason", "seen")
    for said in (again, settled):
        assert (said.code, said.out, "error[E656]" in said.err) == (EXIT_REFUSED, "", True)
    office.give(Role.OPERATOR)
    assert office.found.said(office.ask("notices", "inbox", subject).out)
    assert "error[E656]" not in office.ask("notices", "replay", theirs, "--reason", "again").err


def test_nobody_s_role_and_another_s_name_are_refused(office: Office) -> None:
    """A list is for somebody who has one of its roles, and who asks in their own name."""
    office.give(Role.STEWARD)
    lacking = office.ask("payouts", "list")
    borrowed = office.ask("rules", "list", "--by", "boss")

    assert (lacking.code, lacking.out, "error[E656]" in lacking.err) == (EXIT_REFUSED, "", True)
    assert (borrowed.code, borrowed.out, "error[E657]" in borrowed.err) == (EXIT_REFUSED, "", True)


def test_an_officer_sees_the_data_that_their_policies_read(office: Office) -> None:
    """Its state, its findings and its loads; what others are decided by is outside, and that it is a part is said."""
    office.give(Role.OFFICER, DEPARTMENT)
    listed, checked = (office.ask(*words) for words in DATA)
    assert READ in listed.out
    assert THEIRS not in listed.out + checked.out + checked.err
    assert "only what policies within reach of" in listed.err
    shown = office.ask("data", "show", THEIRS, *ON)
    assert (shown.code, shown.out, "error[E656]" in shown.err) == (EXIT_REFUSED, "", True)
    assert office.ask("data", "show", READ, *ON).code == EXIT_DONE


@pytest.mark.parametrize("role", [Role.STEWARD, Role.OPERATOR, Role.AUDITOR])
def test_whoever_looks_after_data_sees_all_of_it(office: Office, role: Role) -> None:
    """Whichever department they are of: a resource serves the policies of many."""
    office.give(role, DEPARTMENT)
    listed, checked = (office.ask(*words) for words in DATA)
    assert THEIRS in listed.out
    assert THEIRS in checked.err
    assert listed.err == ""
    assert office.ask("data", "show", THEIRS, *ON).code == EXIT_DONE
