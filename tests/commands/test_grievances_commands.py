"""`mianshen grievances …`: what a counter and an officer type."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED
from tests.commands.terminal import Said, mianshen
from tests.engine.grievances.stage import paid
from tests.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return the workspace that commands work in."""
    made = paid(World.at(tmp_path / "w"))
    monkeypatch.setenv("MIANSHEN_WORKSPACE", str(made.root))
    yield made
    made.store.close()


def grievances(*words: object) -> Said:
    """Give words to `mianshen grievances`."""
    return mianshen("grievances", *words)


def received(said: Said) -> str:
    """Return the id of what came in."""
    assert said.out.endswith(": received\n"), said
    return said.out.split(":")[0].splitlines()[-1]


def test_from_the_counter_to_the_end(world: World) -> None:
    """Each command says where it stands; the page tells who did what and why."""
    key = received(
        grievances(
            "receive", "--kind", "report", "--subject", world.number("a"), "--policy", "care", "--said", "人已迁走"
        )
    )
    why = ("--reason", "已核查", "--basis", "某办法第五条")
    said = [
        grievances("accept", key, "--by", "clerk"),
        grievances("investigate", key, "--by", "clerk"),
        grievances("ask", key, "--reason", "请补充证据", "--by", "clerk"),
        grievances("investigate", key, "--reason", "已补充", "--by", "clerk"),
        grievances("decide", key, "upheld", *why, "--by", "head"),
        grievances("decide", key, "upheld", *why, "--department", "残联", "--by", "head"),
        grievances("close", key, "--by", "clerk"),
        grievances("execute", key, "--reason", "残联已更正", "--by", "clerk"),
        grievances("close", key, "--by", "clerk"),
        grievances("reappeal", key, "--said", "不服"),
    ]
    shown, words = grievances("show", key), grievances("show", key, "--words", "--by", "reader")
    refused = EXIT_REFUSED

    assert [each.code for each in said] == [0, 0, 0, 0, refused, 0, refused, 0, 0, 0]
    assert said[5].out == f"{key}: decided, upheld\n"
    for told in ("举报 · 窗口", "已再次申诉（成立） reappealed", "由残联更正数据", "某办法第五条", "诉求内容已密封"):
        assert told in shown.out
    assert "诉求：人已迁走" in words.out
    assert "款项暂缓" in grievances("list").out
    assert received(said[9]) in grievances("list").out
    assert key not in grievances("list").out
    assert key in grievances("list", "--all").out


def test_refused_withdrawn_and_overdue(world: World) -> None:
    """What is late is listed by itself; what is not taken up or taken back is gone from the list."""
    first, second, third = (
        received(grievances("receive", "--said", "没办成", "--number", number, "--on", "2025-01-31"))
        for number in ("1", "2", "3")
    )
    grievances("refuse", first, "--reason", "不属于受理范围", "--basis", "某办法第二条")
    grievances("withdraw", second)

    listed = grievances("list", "--overdue")

    assert third in listed.out
    assert "（逾期）" in listed.out
    assert first not in listed.out
    assert second not in listed.out
    assert grievances("receive", "--said", "没办成", "--number", "1", "--on", "2025-01-31").out.endswith(
        "known already\n"
    )
    assert "没有异议投诉" not in listed.out
    assert world.root.exists()


@pytest.mark.usefixtures("world")
def test_a_hotlines_file(tmp_path: Path) -> None:
    """Rejected lines are listed with their number, and the exit code says so."""
    path = tmp_path / "12345.csv"
    path.write_text("工单编号,来电日期,诉求内容\nA1,2025-01-30,没人接电话\nA2,2025-01-30,\n", "utf-8")

    said = grievances("import", path)

    assert (said.code, said.out) == (EXIT_FINDINGS, "received: 1; known already: 0; rejected: 1\n")
    assert "12345.csv:2: error[E631]: nothing is said" in said.err


@pytest.mark.usefixtures("world")
def test_a_rating_of_nothing() -> None:
    """It says where ids stand; nothing stands there yet, and no grievance either."""
    assert "[E634]" in grievances("rate", "i_none", 1).err
    assert grievances("list").out == "没有异议投诉 no grievance\n"
    assert grievances("list").code == EXIT_DONE
