"""The purses that pay, and the order at the end of the pot."""

from fractions import Fraction

import pytest

from core.errors import RuleError
from rules.diff import compare_versions
from rules.term_words import term_words
from tests.rules import samples

TERMS = "terms:\n  period: month\n"
PARAMETERS = "parameters: {"

CENTRAL = '    - {name: 中央, level: central, share: central_share, account: "2081107"}\n'
COUNTY = '    - {name: 区残联专户, level: county, share: 1 - central_share, account: "2081107", project: P-1}\n'
PURSES = f"  funding:\n{CENTRAL}{COUNTY}"


def with_purses(share: str, purses: str = PURSES) -> tuple[tuple[str, str], ...]:
    """Return the changes that give the sample version purses, and the parameter of their shares."""
    return (PARAMETERS, f"{PARAMETERS}central_share: {share}, "), (TERMS, f"{TERMS}{purses}")


def test_a_share_is_an_expression_of_parameters() -> None:
    """Purses stand in their order, with exact shares and the accounts as they are written."""
    central, county = samples.version(*with_purses("2/3")).funding

    assert (central.name, central.level, central.share, central.account) == (
        "中央",
        "central",
        Fraction(2, 3),
        "2081107",
    )
    assert (county.share, county.project) == (Fraction(1, 3), "P-1")


def test_a_version_without_purses_is_what_it_was() -> None:
    """Published fingerprints stand; a share, written as number or parameter, makes another version of it."""
    plain = samples.version()
    same = samples.version(*with_purses("60%"))
    written = samples.version(*with_purses("60%", PURSES.replace("central_share", "60%")))

    assert plain.funding == ()
    assert plain.results_fingerprint != same.results_fingerprint
    assert same.results_fingerprint != samples.version(*with_purses("61%")).results_fingerprint
    assert same.funding == written.funding


def test_a_changed_share_is_told() -> None:
    """The text of the purse is the same; what its parameter comes to is not."""
    changes = compare_versions(samples.version(*with_purses("60%")), samples.version(*with_purses("70%"))).changes

    told = {each.name: (each.before, each.after) for each in changes if each.name.startswith("terms.funding")}
    assert told == {"terms.funding.1.share": ("60%", "70%"), "terms.funding.2.share": ("40%", "30%")}


def test_purses_and_order_in_words() -> None:
    """Who reads a guide sees who pays what part, on which account, and who comes first when money is short."""
    pot = "  pot: {at_end: stop_new, order: [period, 残疾等级]}\n"

    written = samples.version(*with_purses("60%", PURSES + pot)).written

    words = {line.about: line.words for line in term_words(written, {})}
    assert (
        words["资金来源"]
        == "中央负担central_share，科目2081107；区残联专户（区县级）负担1 - central_share，科目2081107，项目P-1"
    )
    assert words["当年资金不足时"] == "已经享受的在先，首次享受的等候；次序：先应发期早的，再“残疾等级”小的"


def test_the_order_reads_facts() -> None:
    """A fact that orders payments is asked for by nights, and goes by its code in the fingerprint."""
    labelled = samples.version((TERMS, f"{TERMS}  pot: {{order: [出生日期]}}\n"))
    coded = samples.version((TERMS, f"{TERMS}  pot: {{order: [born_on]}}\n"))

    assert "born_on" in labelled.attributes
    assert labelled.order_by == {"出生日期": "born_on"}
    assert labelled.results_fingerprint == coded.results_fingerprint


@pytest.mark.parametrize(
    ("share", "purses", "expected"),
    [
        ("99.9999%", CENTRAL, "error[R620]: the shares come to 99.9999%, not to 100%"),
        ("1", PURSES, "error[R621]: a share is a fixed part"),
        ("残疾等级", PURSES, "error[R621]: a share is a fixed part"),
        ("1/1000003", PURSES, "error[R621]: the shares are finer than parts of a million"),
        ("50%", "  pot: {order: [period, period]}\n", "error[R624]: `period` stands twice"),
        ("50%", "  pot: {order: [残疾程度]}\n", "error[R624]: nothing is called `残疾程度`"),
        ("50%", "  pot: {order: [残疾类别]}\n", "error[R624]: `残疾类别` has no smaller and larger values"),
    ],
)
def test_what_purses_and_orders_cannot_say(share: str, purses: str, expected: str) -> None:
    """Every fen is somebody's, a share is the same for everyone, and an order puts people in an order."""
    purses = purses if "pot" in purses or "funding" in purses else f"  funding:\n{purses}"

    with pytest.raises(RuleError) as error:
        samples.version(*with_purses(share, purses))

    assert expected in str(error.value)
