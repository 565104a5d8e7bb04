import polars as pl
import pytest

from rules.bound import RuleVersion
from rules.closed import close_version
from rules.compiled import compile_version
from rules.reading import parse_version
from tests.rules.samples import CATALOGUE, DAY, VERSION


def made(amount: str, terms: str) -> RuleVersion:
    """Return a version that pays everyone the same, rounded as its terms say."""
    head, _ = VERSION.split("tariff:", 1)
    text = f'{head}tariff:\n  - {{amount: "{amount}"}}\n'
    return parse_version(f"{text}terms: {{period: month, pay: {{calendar: daily}}, {terms}}}\n", CATALOGUE, "x")


@pytest.mark.parametrize(
    ("terms", "share", "fen"),
    [
        pytest.param("least: 1万", "0.999999万", 0, id="just-below-the-smallest-payout"),
        pytest.param("least: 1万", "1万", 1_000_000, id="at-the-smallest-payout"),
        pytest.param("rounding: down, round_to: 10", "19.99", 1000, id="down-to-ten"),
        pytest.param("rounding: up, round_to: 1", "19.01", 2000, id="up-to-a-yuan"),
        pytest.param("rounding: up, round_to: 1, least: 21", "19.01", 0, id="rounded-before-it-is-compared"),
    ],
)
def test_rounding_and_the_smallest_payout(terms: str, share: str, fen: int) -> None:
    """E08: below ten thousand nothing is paid; both readers of a rule agree."""
    version = made(share, terms)

    assert close_version(version).amounts({}, DAY)["main"] == (fen, fen)
    frame = pl.DataFrame({"day": [DAY]})
    assert frame.select(compile_version(version).amounts["main"].at_least).item() == fen


def test_progressive_rates_go_on_from_a_peak() -> None:
    """5 % up to ten million, 2.5 % above, on what exceeds a peak of eight million: 2 m at 5 %, 0.5 m at 2.5 %."""
    tiers = "(min({0}, 1000万) * 5% + max({0} - 1000万, 0) * 2.5%)"
    version = made(f"{tiers.format('1050万')} - {tiers.format('800万')}", "rounding: half_up")

    assert close_version(version).amounts({}, DAY)["main"] == (11_250_000, 11_250_000)
