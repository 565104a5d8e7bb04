"""One night in a process of its own: `python -m tests.bench.one_night WORKSPACE DATE` tells what it took, as JSON."""

import datetime as dt
import json
import sys
import time
from itertools import groupby, pairwise
from pathlib import Path

from core.clock import FixedClock, civil_instant
from engine.deployment import Deployment, deployed
from engine.run import NightOptions, run_night
from store.activations import published_versions
from tests.bench.peaks import peak_mib

_STAGES = {"what": "assembling", "assembling": "assembling", "deciding": "deciding", "comparing": "comparing"}
_STAGES |= {"looking": "looking back", "collecting": "collecting", "publishing": "publishing"}


def main() -> None:
    """Run the night and tell."""
    root, date = Path(sys.argv[1]), dt.date.fromisoformat(sys.argv[2])
    with deployed(root, FixedClock(civil_instant(date, 22))) as deployment:
        json.dump(measured(deployment, date), sys.stdout)


def measured(deployment: Deployment, date: dt.date) -> dict[str, object]:
    """Return what a night took: seconds, the peak of memory, and the seconds of each stage."""
    with deployment.store.reading() as rx:
        policies = {each.policy for each in published_versions(rx)}
    marks = [(time.perf_counter(), "reading")]
    report = run_night(
        deployment,
        date,
        options=NightOptions(accepted=policies),  # a guard would stop what is to be measured
        progress=lambda stage: marks.append((time.perf_counter(), _STAGES[stage.split()[0]])),
    )
    marks.append((time.perf_counter(), "end"))
    spans = [(name, end - begun) for (begun, name), (end, _) in pairwise(marks)]
    opened = sum(tally.opened_count for tally in report.policies)
    return {
        "seconds": marks[-1][0] - marks[0][0],
        "cpu_seconds": time.process_time(),
        "peak_mib": round(peak_mib()),
        "work": f"{opened:,} items, {report.notice_count:,} notices, {len(report.batches)} batches",
        "stages": [(name, sum(span for _, span in spans)) for name, spans in groupby(spans, key=lambda each: each[0])],
    }


if __name__ == "__main__":
    main()
