"""What a version's terms may say beside its expressions."""

import pytest

from core.errors import RuleError
from tests.rules import samples

MONTHLY = "  period: month\n"


def test_a_version_goes_by_the_day_that_a_fact_names() -> None:
    """The fact is read like those of criteria, and its spelling makes no other version."""
    labelled = samples.version((MONTHLY, "  period: event\n  version_by: 发证日期\n"))
    coded = samples.version((MONTHLY, "  period: event\n  version_by: issued_on\n"))

    assert labelled.version_by == "issued_on"
    assert "issued_on" in labelled.attributes
    assert labelled.results_fingerprint == coded.results_fingerprint
    assert labelled.results_fingerprint != samples.version((MONTHLY, "  period: event\n")).results_fingerprint


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ("  period: event\n  version_by: 发证日\n", "error[R201]: unknown attribute `发证日`"),
        ("  period: event\n  version_by: 残疾等级\n", "error[R204]: expected a day, found `残疾等级`"),
        (
            "  period: month\n  version_by: 发证日期\n",
            "error[R304]: `version_by` names one day, `period: month` asks many",
        ),
        ("  period: month\n  payee: {relation: 监护人}\n", "error[R201]: unknown relation `监护人`"),
    ],
)
def test_what_terms_name_has_to_be_there(terms: str, expected: str) -> None:
    """An unknown fact, one that is no day, a period of many days and an unknown relation are faults."""
    with pytest.raises(RuleError) as error:
        samples.version((MONTHLY, terms))

    (finding,) = error.value.findings
    assert expected in str(finding)
