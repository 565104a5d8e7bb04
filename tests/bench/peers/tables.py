"""The peers as tables and plots: by how many subjects, by how many policies, by what kind of register, and against the targets."""

from collections.abc import Callable, Sequence

from rich.table import Table

from tests.bench.page import Told
from tests.bench.peers.comparing import ROUNDS, Comparison, Ran, compared
from tests.bench.peers.peer import BY_HAND, OURS, OURS_CODED, OURS_PREPARED, PEERS, QUICK, Peer, installed
from tests.bench.peers.targets import targets_table
from tests.bench.plots import Line, log_log
from tests.bench.shapes import SHAPES, Shape

_OTHERS_FROM, _OTHERS_TO = (
    1_000,
    1_000_000,
)  # subjects: of fewer only an engine's start would be seen; more need its memory
_USUAL = SHAPES["usual"]
_BY_POLICIES = tuple(
    SHAPES[name] for name in ("10 policies", "100 policies", "usual", "1,000 policies", "2,000 policies")
)
_UNUSUAL = tuple(SHAPES[name] for name in ("few lists", "many lists", "mostly unknown", "another seed"))
_CAPTION = (
    f"Median of {ROUNDS} rounds, each run in a process of its own. range: of the CPU seconds. × by hand: CPU seconds against Polars by "
    "hand. the list alone: to gather and write the pairs once it is known who is met, which is in all figures but those of three "
    "planes. * carried on from the first subjects: the time to compile, and the rest by their share."
)


def by_subjects(counts: Sequence[int], said: Callable[[str], None]) -> Told:
    """Compare the peers on registers of several sizes, and with the targets."""
    everyone = installed(said, tuple(PEERS.values()))
    found = []
    for count in counts:
        peers = [each for each in everyone if _takes_part(each, count)]
        found.append(compared(_USUAL, count, peers, said))
    axes = ("subjects", f"CPU seconds, {_USUAL.policy_count} policies")
    drawn = [each for each in found if each.count >= _OTHERS_FROM] or found
    plot = log_log("Cost against the number of subjects", axes, _lines(drawn, lambda each: each.count))
    title = f"{_USUAL.policy_count} made-up policies, 56 facts: by how many subjects"
    tables = (_table(title, found, lambda each: f"{each.count:,}", "subjects", said), targets_table(found))
    return Told(tables, {"performance-subjects.svg": plot}, _versions(found))


def by_policies(count: int, said: Callable[[str], None]) -> Told:
    """Compare the peers that match a whole register on few policies and on many."""
    found = _compared(_BY_POLICIES, count, said)
    axes = ("policies", f"CPU seconds, {count:,} subjects")
    plot = log_log("Cost against the number of policies", axes, _lines(found, lambda each: each.shape.policy_count))
    title = f"{count:,} made-up subjects: by how many policies"
    table = _table(title, found, lambda each: f"{each.shape.policy_count:,}", "policies", said)
    return Told((table,), {"performance-policies.svg": plot}, _versions(found))


def by_shapes(count: int, said: Callable[[str], None]) -> Told:
    """Compare the peers that match a whole register on registers and policies of other kinds."""
    found = _compared(_UNUSUAL, count, said)
    title = f"{count:,} made-up subjects, {_USUAL.policy_count} policies: by what they are like"
    return Told((_table(title, found, lambda each: each.shape.name, "shape", said),), versions=_versions(found))


def _compared(shapes: Sequence[Shape], count: int, said: Callable[[str], None]) -> list[Comparison]:
    peers = installed(said, QUICK)
    return [compared(shape, count, peers, said) for shape in shapes]


def _takes_part(peer: Peer, count: int) -> bool:
    return peer in {BY_HAND, OURS, OURS_CODED, OURS_PREPARED} or _OTHERS_FROM <= count <= _OTHERS_TO


def _table(
    title: str,
    found: Sequence[Comparison],
    by: Callable[[Comparison], str],
    heading: str,
    said: Callable[[str], None],
) -> Table:
    if left_out := _left_out(found):
        said(left_out)
    table = Table(title=title, caption=f"{_CAPTION} {left_out}".strip(), caption_justify="left")
    for name in (heading, "engine"):
        table.add_column(name)
    for name in ("met", "seconds", "CPU", "range", "× by hand", "peak"):
        table.add_column(name, justify="right")
    for each in found:
        for ran in each.ran:
            table.add_row(by(each), *_row(each, ran))
        table.add_row(by(each), "the list alone", f"{each.met:,}", "", _figure(each.list_cpu_seconds), "", "", "")
    return table


def _left_out(found: Sequence[Comparison]) -> str:
    """Return which engines have no row, and why."""
    absent = [peer for peer in PEERS.values() if not any(each.of(peer) for each in found)]
    reasons = {
        "Asked by subjects alone": [peer.name for peer in absent if peer.is_installed],
        "Not installed": [peer.name for peer in absent if not peer.is_installed],
    }
    return " ".join(f"{reason}: {'; '.join(names)}." for reason, names in reasons.items() if names)


def _row(comparison: Comparison, ran: Ran) -> tuple[str, ...]:
    base = comparison.of(BY_HAND)
    assert base is not None
    mark = "" if ran.part is None else " *"
    cpu = [run.cpu_seconds for run in ran.runs]
    return (
        ran.peer.name if ran.part is None else f"{ran.peer.name}, from {ran.part:,}",
        f"{comparison.met:,}",
        f"{_figure(ran.seconds)}{mark}",
        f"{_figure(ran.cpu_seconds)}{mark}",
        f"{_figure(min(cpu))}–{_figure(max(cpu))}",
        f"{_figure(ran.cpu_seconds / base.cpu_seconds)}",
        f"{ran.peak_mib:,.0f} MiB" if ran.part is None else "",
    )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _lines(found: Sequence[Comparison], x: Callable[[Comparison], float]) -> list[Line]:
    lines = []
    for peer in PEERS.values():
        ran = [(x(each), own) for each in found if each.met and (own := each.of(peer))]
        if ran:
            points = tuple((at, own.cpu_seconds) for at, own in ran)
            lines.append(Line(peer.name, points, any(own.part for _, own in ran)))
    return lines


def _versions(found: Sequence[Comparison]) -> dict[str, str]:
    own = {ran.peer.package[0]: ran.version for each in found for ran in each.ran}
    return {name: version for name, version in own.items() if name != BY_HAND.package[0]}
