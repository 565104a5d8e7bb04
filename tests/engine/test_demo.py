"""The demonstration: everything planted is found, and nothing personal leaves the vault but to pay and to tell."""

import polars as pl
import pytest

from engine.demo import Demo, run_demo

PERSONAL = ("号码", "姓名", "电话", "账号", "账户", "信用代码")
PUBLIC = ("outbox", "payouts")  # where people are paid and told


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Demo, list[str]]:
    said: list[str] = []
    return run_demo(tmp_path_factory.mktemp("demo") / "d", people=300, enterprises=40, seed=7, said=said.append), said


def test_everything_planted_is_found_and_comes_right(demo: tuple[Demo, list[str]]) -> None:
    """Two dozen faults of real deliveries, each with what the law wants."""
    wrong = {result.fault.code: result.unmet for result in demo[0].faults if not result.is_right}

    assert len(demo[0].faults) >= 20
    assert wrong == {}


def test_three_nights_tell_the_raise(demo: tuple[Demo, list[str]]) -> None:
    """The raise of August from July opens differences on the night after it was published."""
    july, august, _ = demo[0].nights
    changed = {tally.policy: tally.changed_count for tally in august.policies}

    assert {tally.policy: tally.changed_count for tally in july.policies}["disability-nursing-allowance"] == 0
    assert changed["disability-nursing-allowance"] > 0


def test_nothing_personal_is_in_the_clear(demo: tuple[Demo, list[str]]) -> None:
    """No name, number, phone or account of the deliveries stands in a frame, the database, a finding or progress."""
    made, said = demo
    markers = _markers(made)
    folders = [
        path for path in made.root.rglob("*") if path.is_file() and path.relative_to(made.root).parts[0] not in PUBLIC
    ]
    seen = b"\n".join(path.read_bytes() for path in folders if path.suffix not in {".yaml", ".toml"})
    texts = "\n".join(
        [*said, *(str(each) for night in made.nights for each in night.findings), *(str(f) for _, f in made.loads)]
    )
    texts += "".join(night.as_json() for night in made.nights)

    assert len(markers) > 300
    assert [marker for marker in markers if marker.encode() in seen] == []
    assert [marker for marker in markers if marker in texts] == []


def _markers(made: Demo) -> list[str]:
    """Return what is personal in the delivered files that are plain CSV, long enough not to occur by chance."""
    found: set[str] = set()
    for file in made.plan.files:
        if file.format != "csv":
            continue
        text = (made.plan.folder / file.path).read_bytes().decode(file.encoding or "utf-8-sig")
        frame = pl.read_csv(text.encode(), infer_schema=False, truncate_ragged_lines=True)
        for name in frame.columns:
            if any(word in name for word in PERSONAL):
                found |= {value for value in frame[name].drop_nulls() if len(value) >= 9}
    return sorted(found)
