"""Nights, matches and usage: what goes to which stream, and how it ends. Exact texts stand in `test_transcripts.py`."""

import json
from dataclasses import fields
from pathlib import Path

import polars as pl
import pytest

from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED, EXIT_UNKNOWN, EXIT_USAGE
from engine.report import NightReport, PolicyTally
from tests.commands.terminal import files, mianshen
from tests.trial_world import TrialWorld
from tests.world import World

NIGHT = "2025-01-31"


class TestRun:
    """`mianshen run`."""

    def test_a_night_and_the_same_night_again(self, world: World) -> None:
        """Published once; then refused with its own code, and nothing is said on standard output."""
        first, second = (mianshen("run", "--as-of", NIGHT, "-w", world.root) for _ in range(2))

        assert (first.code, second.code) == (EXIT_DONE, EXIT_REFUSED)
        assert first.out.startswith(f"{NIGHT} 已发布 published\n")
        assert (second.out, second.err.splitlines()[0]) == (
            "",
            f"night {NIGHT}: error[E310]: this run is published already",
        )

    def test_a_rehearsal_as_json(self, world: World) -> None:
        """Complete, parsable and alone on its stream; nothing is written."""
        before = files(world.root)

        said = mianshen("run", "--as-of", NIGHT, "--dry-run", "--json", "-w", world.root)

        tree = json.loads(said.out)
        assert set(tree) == {"format_version", *(each.name for each in fields(NightReport))}
        assert set(tree["policies"][0]) == {each.name for each in fields(PolicyTally)}
        assert (tree["state"], tree["business_date"], tree["policies"][0]["met_count"]) == ("dry_run", NIGHT, 2)
        assert (said.code, files(world.root)) == (EXIT_DONE, before)

    def test_the_report_holds_every_finding(self, world: World) -> None:
        """Also what kept notices from being sent: a program reads one stream."""
        said = mianshen("run", "--as-of", NIGHT, "--json", "-w", world.root)

        findings = json.loads(said.out)["findings"]
        assert [f"{each['place']['path']}: {each['severity']}[{each['code']}]" for each in findings] == [
            line.split("]: ")[0] + "]" for line in said.err.splitlines() if not line.startswith("  help")
        ]
        assert "D201" in {each["code"] for each in findings}

    def test_a_resource_that_did_not_arrive(self, world: World) -> None:
        """The night runs all the same, and names it, if a published policy draws from it; else nobody misses it."""
        missed_by_nobody = mianshen("run", "--as-of", NIGHT, "--dry-run", "-w", world.root)
        world.rule(policy="poor", criteria="低保", example="{低保: true}")

        said = mianshen("run", "--as-of", NIGHT, "-w", world.root)

        assert (said.code, missed_by_nobody.code) == (EXIT_DONE, EXIT_DONE)
        assert "P301" not in missed_by_nobody.err
        assert "dibao: error[P301]: `低保名单` never arrived\n  help: ask 民政" in said.err

    def test_strict(self, world: World) -> None:
        """Where an outcome is unknown, a strict night has its own code; it is published all the same."""
        world.rule(policy="poor", criteria="低保", example="{低保: true}")

        lax, strict = (
            mianshen("run", "--as-of", NIGHT, "--dry-run", *more, "-w", world.root) for more in ([], ["--strict"])
        )

        assert (lax.code, strict.code) == (EXIT_DONE, EXIT_UNKNOWN)
        assert lax.out.splitlines()[:-1] == strict.out.splitlines()[:-1]
        assert "低保" in strict.out.split("待核原因")[1]

    def test_a_guard(self, world: World) -> None:
        """Beyond its guard a night stops for a person; rehearsed, it says so too; accepted, it goes on."""
        world.rule(version=2, guard="{count: [5, 9]}", stands_from="2025-01-02")

        rehearsed, stopped, misspelt, accepted = (
            mianshen("run", "--as-of", NIGHT, *more, "-w", world.root)
            for more in (["--dry-run"], [], ["--accept", "crae"], ["--accept", "care"])
        )

        assert [rehearsed.code, stopped.code, misspelt.code, accepted.code] == [1, 1, 1, 0]
        assert "care: error[E402]" in rehearsed.err
        assert "care: error[E402]" in stopped.err
        assert "已停下，待人工确认" in stopped.out
        assert "--accept: error[E405]: no published policy is called `crae`\n  help: the nearest policy is `care`" in (
            misspelt.err
        )
        assert accepted.out.startswith(f"{NIGHT} 已发布 published\n")

    def test_a_day_that_has_not_come(self, world: World) -> None:
        """Published, it would bar every night before it; looking ahead is free."""
        refused, ahead = (
            mianshen("run", "--as-of", "2999-01-01", *more, "-w", world.root) for more in ([], ["--dry-run"])
        )

        assert (refused.code, refused.out) == (EXIT_REFUSED, "")
        assert "error[E409]" in refused.err
        assert ahead.code == EXIT_DONE


class TestMatch:
    """`mianshen match`."""

    def test_a_prepared_file(self, world: World, tmp_path: Path) -> None:
        """One line per policy, and the outcomes in a file."""
        policies, profiles, to = tmp_path / "policies", tmp_path / "profiles.parquet", tmp_path / "out.parquet"
        policies.mkdir()
        (policies / "care.yaml").write_text(world.published_text(), "utf-8")
        pl.DataFrame({"subject_id": ["x", "y", "z"], "card": [True, False, None]}).write_parquet(profiles)
        words = ["--profiles", profiles, "--catalogue", world.root / "catalogue", "--policies", policies]

        said = mianshen("match", *words, "--on", NIGHT, "--out", to)
        whole = mianshen("match", *words, "--on", NIGHT, "--out", to, "--all")
        none = mianshen("match", *words, "--on", NIGHT, "--out", tmp_path / "none" / "out.parquet")

        assert (said.code, said.out, said.err) == (EXIT_DONE, "care: 1 met, 1 unknown\n", "")
        assert whole.out == "care: 1 met, 1 not_met, 1 unknown\n"
        assert pl.read_parquet(to).height == 3
        assert (none.code, none.out) == (EXIT_FINDINGS, "")
        assert "out.parquet: error[E407]: the result cannot be written" in none.err

    def test_one_subject(self, world: World, tmp_path: Path) -> None:
        """Of a frame, prepared or not, one is asked alone; one who is not in it is an error, and writes nothing."""
        policies, profiles, to = tmp_path / "policies", tmp_path / "profiles.parquet", tmp_path / "out.parquet"
        policies.mkdir()
        (policies / "care.yaml").write_text(world.published_text(), "utf-8")
        pl.DataFrame({"subject_id": ["x", "y", "z"], "card": [True, False, None]}).write_parquet(profiles)
        prepared = mianshen("prepare", "--profiles", profiles, "--out", tmp_path / "prepared.parquet")
        words = ["--catalogue", world.root / "catalogue", "--policies", policies, "--on", NIGHT, "--out", to]

        nobody = mianshen("match", "--profiles", profiles, *words, "--subject", "w")
        written = to.exists()
        said = [
            mianshen("match", "--profiles", path, *words, "--subject", "x").out
            for path in (profiles, tmp_path / "prepared.parquet")
        ]

        assert prepared.code == EXIT_DONE
        assert (nobody.code, nobody.out, written) == (EXIT_FINDINGS, "", False)
        assert nobody.err.startswith("profiles.parquet: error[E406]: no row names the subject `w`")
        assert said == ["care: 1 met\n"] * 2
        assert pl.read_parquet(to)["subject_id"].to_list() == ["x"]

    @pytest.mark.parametrize("words", [["--all", "--plain"], ["--subject", "x", "--engine", "spark"]])
    def test_options_that_do_not_go_together(self, world: World, tmp_path: Path, words: list[str]) -> None:
        """What one of them would leave without effect is said, not passed over."""
        given = [
            "--catalogue",
            world.root / "catalogue",
            "--policies",
            tmp_path,
            "--on",
            NIGHT,
            "--out",
            tmp_path / "o",
        ]

        said = mianshen("match", "--profiles", tmp_path / "profiles", *given, *words)

        assert said.code == EXIT_USAGE
        assert "leave out" in said.err

    def test_no_such_file(self, world: World, tmp_path: Path) -> None:
        """The message names the file, not its form."""
        words = ["--catalogue", world.root / "catalogue", "--policies", world.root / "policies", "--on", NIGHT]

        said = mianshen("match", "--profiles", tmp_path / "none.parquet", *words, "--out", tmp_path / "out")

        assert (said.code, said.err.splitlines()[0]) == (
            EXIT_FINDINGS,
            "none.parquet: error[E407]: there is no such file",
        )

    @pytest.mark.parametrize(
        ("words", "fault"),
        [
            (["--out", "hdfs://names/out"], "hdfs://names/out: error[E407]: `hdfs://names/out` is an address"),
            (
                ["--out", "out", "--engine", "spark", "--master", "names:7077"],
                "--master: error[E422]: `names:7077` is no",
            ),
            (
                ["--out", "out", "--engine", "spark", "--conf", "a=b"],
                "--conf: error[E422]: `a=b` is no setting of Spark",
            ),
        ],
    )
    def test_what_is_no_address(self, world: World, tmp_path: Path, words: list[str], fault: str) -> None:
        """What only Spark knows is not looked for here, and what Spark does not know is not asked of it."""
        (tmp_path / "policies").mkdir()
        given = ["--catalogue", world.root / "catalogue", "--policies", tmp_path / "policies", "--on", NIGHT]

        said = mianshen("match", "--profiles", tmp_path / "profiles", *given, *words)

        assert (said.code, said.out) == (EXIT_FINDINGS, "")
        assert said.err.startswith(fault)


@pytest.mark.parametrize(
    "words",
    [
        "nonsense",
        "data",
        "rules",
        "run --as-of tomorrow",
        "run --as-of 2025-02-30",
        "run nonsense",
        "run --conf spark.name=value",
        "data list --on 2025-13-01",
        "data show",
        "explain",
        "match",
        "match --profiles a --catalogue b --policies c --on 2025-01-01",
        "match --profiles a --catalogue b --policies c --on 2025-01-01 --out d --engine spark://host",
        "match --profiles a --catalogue b --policies c --on 2025-01-01 --out d --master local",
        "schedule --hour 3",
        "schedule --master local[2]",
        "schedule now",
        "serve --port 65536",
        "serve --port -1",
        "serve --port web",
        "demo --people 299",
        "demo --enterprises 39",
        "demo --seed x",
        "init",
    ],
)
def test_usage(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words that mean nothing end with the code for usage, before anything is opened or made."""
    monkeypatch.chdir(tmp_path)

    said = mianshen(*words.split())

    assert said.code == EXIT_USAGE
    assert "Usage: mianshen" in said.out + said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    ["data load", "data check", "data list", "data show x", "rules check", "rules test", "rules list", "rules show x",
     "rules submit x", "rules approve x", "rules return x --reason y", "rules withdraw x --reason y", "apply x",
     "rules history x", "rules rollback x --from 2025-01-01", "rules repeal x --from 2025-01-01", "rules sample x", "rules verdict x",
     "run", "explain x", "schedule", "serve"],
)  # fmt: skip
def test_no_workspace(words: str, tmp_path: Path) -> None:
    """Every command that works on a workspace says that there is none, and where it looked."""
    said = mianshen(*words.split(), "-w", tmp_path)

    assert (said.code, said.out) == (EXIT_FINDINGS, "")
    assert said.err.startswith(f"{tmp_path / 'workspace.toml'}: error[E001]: this folder is not a workspace\n  help: ")
    assert list(tmp_path.iterdir()) == []


def test_explain_names_nobody(district: TrialWorld) -> None:
    """The number that was asked for stands in no answer, right or wrong."""
    number = district.plan.trial_accounts[0].number

    right, wrong = (mianshen("explain", word, "-w", district.root) for word in (number, number[:-1]))

    assert (right.code, wrong.code) == (EXIT_DONE, EXIT_FINDINGS)
    assert number[:-1] not in right.out + right.err + wrong.out + wrong.err


def test_demo_keeps_off_what_it_has_not_made(tmp_path: Path) -> None:
    """A folder that holds something else is left as it is."""
    (tmp_path / "letter.txt").write_text("mine", "utf-8")

    said = mianshen("demo", tmp_path, "--people", "300", "--enterprises", "40")

    assert (said.code, said.out) == (EXIT_FINDINGS, "")
    assert "error[E408]" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_schedule_refuses_what_a_night_would(world: World) -> None:
    """Where a cluster stands is checked when the alarm clock is wound, and not when it rings."""
    said = mianshen("schedule", "--engine", "spark", "--master", "names:7077", "-w", world.root)
    once = mianshen("run", "--engine", "spark", "--master", "names:7077", "-w", world.root)

    assert (said.code, said.out) == (EXIT_FINDINGS, "")
    assert said.err.startswith("--master: error[E422]")
    assert said == once


def test_help_names_every_command() -> None:
    """Each in a line of its own."""
    said = mianshen("--help")

    assert (said.code, said.err) == (EXIT_DONE, "")
    for command in ("init", "run", "explain", "schedule", "match", "serve", "demo", "data", "rules"):
        assert f"│ {command} " in said.out
        assert mianshen(command, "--help").code == EXIT_DONE


def test_serving_where_nobody_can(world: World) -> None:
    """The address is named, with what can be done."""
    said = mianshen("serve", "--host", "192.0.2.1", "-w", world.root)

    assert (said.code, said.out) == (EXIT_FINDINGS, "")
    assert said.err.startswith("192.0.2.1:8000: error[E410]")
