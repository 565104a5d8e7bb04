"""A city takes over the whole library: one plan of everything, handed in, approved and applied, then the first night."""

import datetime as dt
import json
from pathlib import Path

import pytest

from core.clock import FixedClock, civil_day
from core.errors import EXIT_DONE
from core.workspace import init_workspace
from engine.demo_library import mark_for_demonstration
from engine.deployment import deployed
from engine.district import generate_district
from engine.district.plan import DeliveredFile
from engine.library import copy_library
from engine.loading import load_delivered
from tests.commands.terminal import Said, mianshen

NIGHT = "2025-10-01"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workspace with the library and a small district's deliveries; nothing was ever published."""
    plan = generate_district(tmp_path / "deliveries", seed=7, people=300, enterprises=40)
    workspace = init_workspace(tmp_path / "w", name="青浦区", region=plan.region)
    copy_library(workspace)
    clock = FixedClock(plan.steps()[0][0])
    mark_for_demonstration(workspace.policies, by="示例", on=civil_day(clock.instant))
    monkeypatch.setattr("commands.terminal.SystemClock", lambda: clock)
    with deployed(workspace.root, clock) as deployment:
        for clock.instant, step in plan.steps():
            if isinstance(step, DeliveredFile):
                load_delivered(deployment, plan.source(step), resource=step.resource, data_date=step.data_date)
    clock.instant = dt.datetime(2025, 10, 1, 1, tzinfo=dt.UTC)
    return workspace.root


def say(root: Path, *words: object) -> Said:
    """Give words to the command line, which has to do what they say."""
    said = mianshen(*words, "-w", root)
    assert said.code == EXIT_DONE, said.err
    return said


def test_the_whole_library_in_one_plan(root: Path) -> None:
    """One table tells every policy; what the plan says of the ledger is what the first night opens under each of them."""
    files = sorted((root / "policies").rglob("*.yaml"))
    kept = root / "library.plan"

    said = say(root, "plan", *files, "--on", NIGHT, "--out", kept, "--by", "author")
    say(root, "rules", "submit", kept, "--by", "author")
    say(root, "rules", "approve", "old-age-allowance", "--by", "second")
    say(root, "apply", kept, "--by", "author")
    report = json.loads(say(root, "run", "--as-of", NIGHT, "--dry-run", "--json").out)

    summary = json.loads(kept.read_text("utf-8"))["summary"]
    titles = {policy["title"] for policy in summary["policies"]}
    table = said.out.split("政策事项 policies")[1].split("下一次运行")[0]
    assert len(titles) == len(report["policies"]) == len({path.parent for path in files})
    assert [title for title in titles if title not in table] == []
    assert len(said.out.splitlines()) < 2 * len(titles) + 20, "a line for each, and one for what it opens"
    told = {each["policy"]: each["effect"] for each in summary["ledger"]}
    assert told
    for tally in report["policies"]:
        effect = told.get(tally["policy"], {})
        opened = sum(effect.get(f"{kind}_fen", 0) for kind in ("regular", "arrears", "top_up"))
        assert (tally["policy"], tally["opened_fen"]) == (tally["policy"], opened)
