import shutil
from pathlib import Path

import pytest

from core.errors import DeliveryError
from delivery.banking.profiles import SHIPPED, profile_named, read_profile, read_profiles
from delivery.banking.words import ACKNOWLEDGEMENT, ORDERS, PAYMENT, RETURNS
from tests.delivery.banking.bank_samples import changed

BAR = "agent-bank-bar@1"


def test_five_profiles_are_shipped() -> None:
    """Two texts, one of a fixed width, a workbook, and the treasury's orders; each says what a bank answers."""
    profiles = read_profiles()

    assert sorted(profiles) == [
        *(f"agent-bank-{form}@1" for form in ("bar", "comma", "fixed", "xlsx")),
        "treasury-orders@1",
    ]
    assert all(profile.returns and profile.acknowledgement and profile.statement for profile in profiles.values())


@pytest.mark.parametrize(
    ("before", "after", "code", "line"),
    [
        ("{of: reference, heading", "{of: references, heading", "D130", 21),
        ("{of: count}, {of: total}]\n  columns", "{of: counts}, {of: total}]\n  columns", "D130", 17),
        ("-{number}.txt", "-{nummer}.txt", "D130", 8),
        ("    - {of: name, heading: 收款人, width: 120}\n", "", "D131", 8),
        ("-{number}.txt", ".txt", "D131", 8),
        ("    - {of: bank,", "    - {of: name,", "D132", 24),
        ("    - {of: bank,", "    - {of: bank, text: x,", "D132", 24),
        ('separator: "|"', 'separator: "1"', "D132", 8),
        ("width: 34", "width: 34, too_long: cut", "D132", 22),
        ('"DF{pay_day}', '"../{pay_day}', "D132", 8),
    ],
)
def test_a_fault_of_a_profile_has_its_line(before: str, after: str, code: str, line: int) -> None:
    """The paymaster finds the cell that is wrong."""
    with pytest.raises(DeliveryError) as raised:
        changed(BAR, (before, after))

    assert (code, line) in {(finding.code.value, finding.place.line) for finding in raised.value.findings}


@pytest.mark.parametrize(
    "text", ["code: a", "- a", "code: a\ncode: b", "code: [", "code: a\nversion: 1\ntitle: t\npaiment: {}"]
)
def test_a_profile_is_strict(text: str) -> None:
    """Unknown keys, doubled keys and missing ones are faults of the file, all told at once."""
    with pytest.raises(DeliveryError, match=r"error\["):
        read_profile(text, "own.yaml")


def test_a_workspace_adds_its_own(tmp_path: Path) -> None:
    """A new version of a shipped profile stands beside it: what was sent is rendered by the old one."""
    text = (SHIPPED / f"{BAR}.yaml").read_text("utf-8").replace("version: 1", "version: 2")
    (tmp_path / "agent-bank-bar@2.yaml").write_text(text, "utf-8")

    profiles = read_profiles(tmp_path)

    assert profile_named(profiles, "agent-bank-bar").version == 2
    assert profile_named(profiles, BAR).version == 1
    assert read_profiles(tmp_path / "none") == read_profiles()


def test_a_version_stands_once(tmp_path: Path) -> None:
    """A profile that could be one of two would render what was sent in two ways."""
    shutil.copy(SHIPPED / f"{BAR}.yaml", tmp_path)
    (tmp_path / "other.yaml").write_text((SHIPPED / f"{BAR}.yaml").read_text("utf-8"), "utf-8")

    with pytest.raises(DeliveryError) as raised:
        read_profiles(tmp_path)

    assert [finding.code.value for finding in raised.value.findings] == ["D132", "D132", "D132"]


def test_an_unknown_profile_is_refused_with_the_nearest() -> None:
    with pytest.raises(DeliveryError, match="`agent-bank-bar`"):
        profile_named(read_profiles(), "agent-bank-baz")


def test_the_guide_has_the_words_that_there_are() -> None:
    """Who writes a profile for a bank finds every word in docs/banks.zh-CN.md, and none that does nothing."""
    kinds = {"付款文件": PAYMENT, "支付令清单": ORDERS, "回盘、对账单": RETURNS, "受理回执": ACKNOWLEDGEMENT}
    text = (SHIPPED.parents[1] / "docs" / "banks.zh-CN.md").read_text("utf-8")

    rows = [row.split("|")[1:4] for row in text.split("<!-- words -->")[1].split("<!-- end -->")[0].splitlines()[4:-1]]

    told = {kind.strip(): (frame.split(), columns.split()) for kind, frame, columns in rows}
    assert told == {
        kind: tuple([f"`{word}`" for word in sorted(side)] for side in (words.frame, words.columns))
        for kind, words in kinds.items()
    }
