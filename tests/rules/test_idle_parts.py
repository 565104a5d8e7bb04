"""Parts of conditions that change nothing; what guards a division, or decides an unknown, does."""

import pytest

from rules.checks import check_version
from rules.codes import RuleCode
from tests.rules.samples import version

RESIDENT = 'when: within(户籍区划, "31")'


def idle(when: str) -> list[str]:
    """Return what is said of the sample with one condition replaced."""
    findings = check_version(version((RESIDENT, f"when: '{when}'")))
    return [each.message.partition(" changes")[0] for each in findings if each.code is RuleCode.IDLE_PART]


@pytest.mark.parametrize(
    "when",
    [
        "特困供养 or 工伤护理费",
        "not (特困供养 and 工伤护理费)",
        "家庭人数 > 0 and 家庭月收入 / 家庭人数 < 1000",
        "家庭人数 == 0 or 家庭月收入 / 家庭人数 < 1000",
        'within(户籍区划, "31") or within(户籍区划, "3205")',
        "(特困供养 and 家庭人数 > 3) or (not 特困供养 and 家庭人数 > 5)",
    ],
)
def test_what_has_its_use(when: str) -> None:
    """A guard turns what would be unknown into no; two alternatives may overlap as long as each has somebody of its own."""
    assert idle(when) == []


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("家庭人数 > 3 or 家庭人数 > 5", "`家庭人数 > 5`"),
        ("家庭人数 > 3 and 家庭人数 > 5", "`家庭人数 > 3`"),
        ("特困供养 or (家庭人数 > 5 and 家庭人数 < 3)", "`家庭人数高于5人，且家庭人数低于3人`"),
        ('特困供养 and (残疾类别 != "智力" or 残疾类别 != "精神")', "`残疾类别不为“智力”，或残疾类别不为“精神”`"),
        ('within(户籍区划, "31") or within(户籍区划, "310118")', "`户籍区划在青浦区`"),
    ],
)
def test_what_has_none(when: str, said: str) -> None:
    """Contained in another, never true, always true."""
    assert said in idle(when)
