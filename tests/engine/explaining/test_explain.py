import datetime as dt
from collections.abc import Iterator

import pytest

from core.clock import civil_day
from core.errors import RunError
from engine.deployment import Deployment
from engine.district.plan import ExpectedSame
from engine.explaining.explain import explain_subject
from store.tables import Run, table_of
from tests.trial_world import LAST_NIGHT, trial_world

ACCOUNT = trial_world().plan.trial_accounts[0]
AWARD = "hightech-award"


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with trial_world().open() as opened:
        yield opened


def test_by_number_and_by_id_it_is_the_same(deployment: Deployment) -> None:
    """A number is written in any of the usual ways."""
    by_number = explain_subject(deployment, ACCOUNT.number)

    assert by_number.subject_id.startswith("s_")
    assert explain_subject(deployment, by_number.subject_id) == by_number
    assert explain_subject(deployment, f" {ACCOUNT.number.lower()} ") == by_number


def test_without_a_day_it_is_what_the_last_night_saw(deployment: Deployment) -> None:
    """All standing policies for the kind, by code; nothing learned after that night."""
    explained = explain_subject(deployment, ACCOUNT.number)

    codes = [each.policy for each in explained.examinations]
    assert (explained.kind, explained.day) == ("enterprise", LAST_NIGHT)
    assert explained.known_at < trial_world().after
    assert set(ACCOUNT.groups) <= set(codes)
    assert codes == sorted(codes)


def test_a_day_is_answered_with_what_is_known_now(deployment: Deployment) -> None:
    """People and their policies arrived after the last night."""
    person = next(fault.number for fault in trial_world().plan.faults if fault.code == "turned_65")
    assert person is not None

    explained = explain_subject(deployment, person, "old-age-allowance", dt.date(2025, 9, 1))

    assert (explained.kind, explained.known_at) == ("person", trial_world().after)
    assert [(each.policy, each.outcome) for each in explained.examinations] == [("old-age-allowance", "met")]


def test_a_corrected_number_leads_to_the_same_subject(deployment: Deployment) -> None:
    """Either number names one person with one ledger."""
    fault = trial_world().plan.fault("number_corrected")
    assert fault.number is not None
    (other,) = [each.number for each in fault.expected if isinstance(each, ExpectedSame)]

    explained = [explain_subject(deployment, number, day=LAST_NIGHT) for number in (fault.number, other)]

    assert explained[0] == explained[1]


def test_a_policy_goes_by_its_code_or_its_title(deployment: Deployment) -> None:
    """As people call it."""
    by_code = explain_subject(deployment, ACCOUNT.number, AWARD)

    assert explain_subject(deployment, ACCOUNT.number, "高新技术企业认定奖励") == by_code
    assert [each.policy for each in by_code.examinations] == [AWARD]


@pytest.mark.parametrize(
    ("policy", "day", "words"),
    [
        pytest.param("hightech-awrad", None, "the nearest policy is `hightech-award`", id="misspelt"),
        pytest.param("old-age-allowance", None, "no published policy for the kind `enterprise`", id="another-kind"),
        pytest.param(
            AWARD,
            dt.date(2020, 1, 1),
            "no version of `hightech-award` stands on 2020-01-01\n  help: its first version stands from 2025-05-01",
            id="not-yet",
        ),
    ],
)
def test_a_policy_that_does_not_stand(deployment: Deployment, policy: str, day: dt.date | None, words: str) -> None:
    """The fault names the nearest one, or since when it stands."""
    with pytest.raises(RunError, match="E405") as fault:
        explain_subject(deployment, ACCOUNT.number, policy, day)

    assert words in str(fault.value)


@pytest.mark.parametrize("word", ["91310198MG0000999X", "310198196002309999", "s_nobody", "", " "])
def test_an_unknown_subject_is_not_repeated(deployment: Deployment, word: str) -> None:
    """A number never stands in a message, not even a wrong one."""
    with pytest.raises(RunError, match="E404") as fault:
        explain_subject(deployment, word)

    assert not word.strip() or word not in str(fault.value)


def test_before_the_first_night_it_is_today(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A workspace with data and no night yet can explain already."""
    with trial_world().open(tmp_path_factory.mktemp("explain") / "w") as own:
        with own.store.writing() as tx:
            tx.connection.execute(table_of(Run).delete())

        explained = explain_subject(own, ACCOUNT.number, "technology-centre-municipal")

    assert (explained.day, explained.known_at) == (civil_day(trial_world().after), trial_world().after)
