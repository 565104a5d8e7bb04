"""Commands on a district after its three nights, and exactly what they say; `--update-golden` writes it anew."""

from pathlib import Path

import pytest

from tests.commands.terminal import mianshen
from tests.trial_world import TrialWorld

TRANSCRIPTS = Path(__file__).parent / "transcripts"

COMMANDS = {
    "data-list": "data list --on 2025-09-30",
    "data-check": "data check --on 2025-09-30",
    "data-show": "data show disability_cards --on 2025-09-30",
    "data-show-unknown": "data show disability_card",
    "rules-list": "rules list",
    "rules-check": "rules check technology-centre-national",
    "rules-test": "rules test disability-nursing-allowance",
    "rules-readiness": "rules readiness technology-centre-national --on 2025-09-30",
    "rules-show": "rules show disability-nursing-allowance",
    "rules-show-unknown": "rules show disability-nursing-allowance 9",
    "plan": "plan {root}/policies/disability-nursing-allowance/1.yaml --on 2025-10-01 --from 2025-12-01 --months 4",
    "plan-retire": "plan --retire technology-centre-national --on 2025-10-01 --from 2026-01-01 --months 4",
    "outlook": "outlook --on 2025-10-01 --months 4",
    "plan-unknown": "plan --retire old-age-allowence --on 2025-10-01 --from 2026-01-01",
    "run-dry": "run --as-of 2025-10-01 --dry-run",
    "run-again": "run --as-of 2025-09-30",
    "run-earlier": "run --as-of 2025-08-31",
    "explain": "explain {enterprise} hightech-award",
    "explain-nobody": "explain 91310198MF0000000X",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_transcript(name: str, district: TrialWorld, monkeypatch: pytest.MonkeyPatch, *, update_golden: bool) -> None:
    """What an officer sees is what was agreed; a change of it is read in the diff."""
    monkeypatch.setenv("MIANSHEN_WORKSPACE", str(district.root))
    words = COMMANDS[name].format(enterprise=district.plan.trial_accounts[0].number, root=district.root)

    text = f"$ mianshen {words}\n{mianshen(*words.split()).transcript}".replace(f"{district.root}", ".")

    golden = TRANSCRIPTS / f"{name}.txt"
    if update_golden:
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


def test_every_transcript_is_of_a_command() -> None:
    """No file is left behind when a command goes."""
    assert {path.stem for path in TRANSCRIPTS.iterdir()} == set(COMMANDS)
