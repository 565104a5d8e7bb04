"""`mianshen audit …` as an auditor types it."""

import re
import subprocess
import sys
from pathlib import Path

from core.errors import EXIT_DONE, EXIT_FINDINGS
from store.audit import record
from store.audit_chain import NOTHING
from tests.commands.terminal import ROOT, mianshen
from tests.trial_world import TrialWorld
from tests.world import World


def recipe() -> str:
    """Return the program that docs/audit.md gives an auditor."""
    (found,) = re.findall(r"```python\n(.+?)```", (ROOT / "docs" / "audit.md").read_text("utf-8"), re.DOTALL)
    return str(found)


def verified_outside(export: Path) -> str:
    """Return what the recipe says of an export, run by itself: it knows nothing of us."""
    ran = subprocess.run([sys.executable, "-I", "-c", recipe(), export], capture_output=True, text=True, check=False)
    return (ran.stdout + ran.stderr).strip()


def test_a_chain_is_verified_from_the_outside_by_the_recipe_alone(world: World, tmp_path: Path) -> None:
    """Exported, it is whole up to the anchor; one character changed, and the recipe names the entry."""
    export = tmp_path / "audit.jsonl"
    exported = mianshen("audit", "export", "-w", world.root, "--out", export)
    anchor = mianshen("audit", "anchor", "-w", world.root).out.split()

    lines = export.read_text("utf-8").splitlines()
    assert exported.code == EXIT_DONE
    assert verified_outside(export) == f"whole: {len(lines)} entries, last {anchor[2]}"
    assert anchor[1] == str(len(lines))
    lines[2] = lines[2].replace('\\"event\\":\\"', '\\"event\\":\\"x')
    export.write_text("\n".join(lines), "utf-8")
    assert verified_outside(export) == "broken at entry 3"


def test_the_export_of_the_screen_is_that_of_the_file(world: World, tmp_path: Path) -> None:
    """Byte for byte, from any entry on."""
    mianshen("audit", "export", "-w", world.root, "--out", tmp_path / "all.jsonl")

    said = mianshen("audit", "export", "-w", world.root, "--after", 1)

    assert said.out.splitlines() == (tmp_path / "all.jsonl").read_text("utf-8").splitlines()[1:]


def test_a_file_that_cannot_be_written_is_told(world: World, tmp_path: Path) -> None:
    """With a remedy, and nothing is left beside it."""
    for command in ("export", "anchor"):
        said = mianshen("audit", command, "-w", world.root, "--out", tmp_path / "none" / "x")

        assert (said.code, said.out) == (EXIT_FINDINGS, "")
        assert "error[E007]: the file cannot be written" in said.err
    assert not (tmp_path / "none").exists()


def test_anchors_gather_in_a_file_and_hold(world: World, tmp_path: Path) -> None:
    """One a day, say; verifying compares with all of them, and says what it does not prove without one."""
    anchors = tmp_path / "anchors.txt"
    mianshen("audit", "anchor", "-w", world.root, "--out", anchors)
    with world.store.writing() as tx:
        record(tx, "round.opened", by="officer", about="r", said={})
    mianshen("audit", "anchor", "-w", world.root, "--out", anchors)

    with_anchors = mianshen("audit", "verify", "-w", world.root, "--anchor", anchors)
    without = mianshen("audit", "verify", "-w", world.root)

    assert len(anchors.read_text("utf-8").splitlines()) == 2
    assert (with_anchors.code, with_anchors.err, without.code) == (EXIT_DONE, "", EXIT_DONE)
    assert "与 2 个外存锚点相符" in with_anchors.out
    assert "不能证明末尾未被截去" in without.out


def test_an_anchor_that_does_not_hold_ends_with_one(world: World) -> None:
    """The hash of an entry that nobody ever wrote."""
    said = mianshen("audit", "verify", "-w", world.root, "--anchor", "f" * 64)

    assert said.code == EXIT_FINDINGS
    assert "error[E653]: no entry has the hash that was anchored" in said.err


def test_an_anchor_of_the_beginning_holds(tmp_path: Path) -> None:
    """A new workspace can be anchored before anything was done with it."""
    mianshen("init", tmp_path / "new")

    assert mianshen("audit", "anchor", "-w", tmp_path / "new").out.startswith(f"mianshen-audit 0 {NOTHING} ")
    assert mianshen("audit", "verify", "-w", tmp_path / "new", "--anchor", NOTHING).code == EXIT_DONE


def test_a_district_has_its_story_in_the_chain(district: TrialWorld) -> None:
    """Loads, publications, nights, openings of the vault: each by somebody, and the chain is whole."""
    listed = mianshen("audit", "list", "-w", district.root, "--last", 100_000)
    verified = mianshen("audit", "verify", "-w", district.root)

    assert (verified.code, verified.err) == (EXIT_DONE, "")
    for event in ("data.loaded", "version.published", "activation.in_force", "night.published", "vault.opened"):
        assert event in listed.out
    assert re.search(r"审计链 audit chain: [1-9]", verified.out)


def test_nothing_of_a_resident_is_in_the_chain_of_a_district(district: TrialWorld, tmp_path: Path) -> None:
    """S3: no number of any delivered file, and no account, stands in the export."""
    mianshen("audit", "export", "-w", district.root, "--out", tmp_path / "audit.jsonl")

    text = (tmp_path / "audit.jsonl").read_text("utf-8")
    numbers = set(re.findall(r"(?<![0-9a-fA-F])[0-9]{15,19}[0-9Xx]?(?![0-9a-fA-F])", text))
    assert numbers == set()
    assert not re.search(r"(?<![0-9a-f])1[3-9][0-9]{9}(?![0-9a-f])", text)
