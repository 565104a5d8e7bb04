"""The officers' guide is done as it is written, command by command; `--update-golden` writes what they say anew."""

import io
import re
import shlex
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from tests.commands.terminal import mianshen
from tests.repo.repository import ROOT
from tests.trial_world import TrialWorld, trial_world

GUIDE = ROOT / "docs" / "officers.zh-CN.md"
ANSWERS = Path(__file__).with_name("officers_answers.txt")

STEP = re.compile(
    r"(?P<block>```console\n(?P<lines>.*?)```)|<!-- 改 (?P<file>\S+) (?P<sheet>\w+)!(?P<cell>\w+) (?P<to>\d+) -->",
    re.DOTALL,
)
VOLATILE = re.compile(r"\b[0-9a-f]{16,}\b")  # fingerprints: they bind the instant
FOLDER = "练习区/workspace"


def somebody(world: TrialWorld) -> str:
    """Return the number of a resident with a card of level 1 or 2."""
    path = next(world.plan.source(each) for each in reversed(world.plan.files) if each.resource == "disability_cards")
    assert isinstance(path, Path)
    rows = [line.split(",") for line in path.read_text("gb18030").splitlines()[1:]]
    return next(row[0] for row in rows if row[2] in {"1", "2"} and row[-1] > "2026")


def done(command: str, root: Path, number: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give one command of the guide and return what it says, as the guide shows it."""
    assert command.startswith("mianshen ")
    monkeypatch.setattr("sys.stdin", io.StringIO(ANSWERS.read_text("utf-8")))
    words = [word.replace("号码", number).replace(FOLDER, f"{root}") for word in shlex.split(command)[1:]]
    said = mianshen(*words)
    text = f"{said.out}\n{said.err}".replace(f"{root}", FOLDER)
    return "".join(f"{line.rstrip()}\n" for line in VOLATILE.sub("…", text).splitlines() if line.strip())


def test_the_guide_is_done_as_it_is_written(
    own_district: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, update_golden: bool
) -> None:
    """From the document to the published rule and its next version; what the commands say is what the guide shows."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIANSHEN_WORKSPACE", str(own_district))
    monkeypatch.setenv("MIANSHEN_LANG", "zh")
    number = somebody(trial_world())
    written = GUIDE.read_text("utf-8")

    def step(found: re.Match[str]) -> str:
        if found["file"]:
            book = openpyxl.load_workbook(found["file"])
            book[found["sheet"]][found["cell"]] = int(found["to"])
            book.save(found["file"])
            return found[0]
        commands = [line.removeprefix("$ ") for line in found["lines"].splitlines() if line.startswith("$ ")]
        said = [f"$ {each}\n{done(each, own_district, number, monkeypatch)}" for each in commands]
        return f"```console\n{''.join(said)}```"

    text = STEP.sub(step, written)

    if update_golden:
        GUIDE.write_text(text, "utf-8")
    assert text == GUIDE.read_text("utf-8")
    assert number not in text
