"""The file of a round: what is read of it, and what does not fit."""

from pathlib import Path

import pytest

from core.errors import RunError
from engine.library import SHIPPED
from engine.rounds.files import read_round
from profiles.catalogue_reading import read_catalogue

CATALOGUE = read_catalogue(SHIPPED / "catalogue")
RANKING = (SHIPPED / "rounds" / "rnd-ranking-2021.yaml").read_text("utf-8")


def read(folder: Path, *changed: tuple[str, str]) -> str:
    """Read the shipped ranking with some words changed; return the findings, or nothing."""
    text = RANKING
    for before, after in changed:
        assert before in text
        text = text.replace(before, after)
    path = folder / "rnd-ranking-2021.yaml"
    path.write_text(text, "utf-8")
    try:
        read_round(path, CATALOGUE)
    except RunError as error:
        return "\n".join(finding.message for finding in error.findings)
    return ""


@pytest.mark.parametrize("path", sorted((SHIPPED / "rounds").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_rounds_fit_the_shipped_catalogue(path: Path) -> None:
    """Each is named as its file, and whoever adopts it can open it."""
    assert read_round(path, CATALOGUE).written.round == path.stem


def test_one_column_for_the_best_rank_or_one_for_each_list(tmp_path: Path) -> None:
    """Two lists are ranked: two columns, or the best rank in one; three do not fit."""
    both, best = "rank: [总量名次, 强度名次]", "rank: 总量名次"

    assert read(tmp_path) == ""
    assert read(tmp_path, (both, best)) == "the round writes nothing to the column `强度名次` of `rnd_rankings`"
    third = both.replace("强度名次", "强度名次, 强度名次")
    assert read(tmp_path, (both, third)) == "2 lists are ranked, and 3 columns named for their ranks"


def test_bands_cut_a_number_and_not_a_name(tmp_path: Path) -> None:
    """With bands a group is a number, without them a name."""
    assert "expected a number" in read(tmp_path, ("group: 营业收入", "group: 登记状态"))
    assert "expected a text" in read(tmp_path, ("bands: [2亿, 20亿]", "bands: []"))
