"""One plan in a process of its own: `python -m tests.bench.one_plan WORKSPACE DATE FROM` tells what it took, as JSON.

Proposed is the newest published version of the policy with most grants, to stand from a day.
"""

import datetime as dt
import json
import sys
import tempfile
import time
from itertools import groupby, pairwise
from pathlib import Path

from core.clock import FixedClock, civil_instant
from engine.deployment import Deployment, deployed
from engine.planning.change import ProposedDays, read_change
from engine.planning.plan import PlanOptions, make_plan
from store.activations import PublishedVersion, published_versions
from store.grants import read_grants
from tests.bench.peaks import peak_mib

MONTHS = 12
_STAGES = {"reading": "reading", "assembling": "assembling", "deciding": "deciding", "what": "by month"}
_STAGES |= {"who": "breaking down", "comparing": "comparing", "how": "judging readiness"}


def main() -> None:
    """Make the plan and tell."""
    root, date, stands_from = Path(sys.argv[1]), *map(dt.date.fromisoformat, sys.argv[2:4])
    with deployed(root, FixedClock(civil_instant(date, 23))) as deployment:
        json.dump(measured(deployment, date, stands_from), sys.stdout)


def measured(deployment: Deployment, date: dt.date, stands_from: dt.date) -> dict[str, object]:
    """Return what a plan took: seconds, the peak of memory, and the seconds of each stage."""
    newest = _newest_of_most(deployment)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "proposed.yaml"
        text = newest.text.replace(f"version: {newest.version}\n", f"version: {newest.version + 1}\n")
        file.write_text(text, "utf-8")
        marks = [(time.perf_counter(), "reading")]
        change = read_change(deployment.catalogue, [file], days=ProposedDays(stands_from))
    plan = make_plan(
        deployment,
        change,
        PlanOptions(date, MONTHS, "bench"),
        lambda stage: marks.append((time.perf_counter(), _STAGES[stage.split()[0]])),
    )
    marks.append((time.perf_counter(), "end"))
    spans = [(name, end - begun) for (begun, name), (end, _) in pairwise(marks)]
    (effect,) = plan.policies
    return {
        "seconds": marks[-1][0] - marks[0][0],
        "cpu_seconds": time.process_time(),
        "peak_mib": round(peak_mib()),
        "work": f"{effect.policy}: {effect.met_after:,} met, {MONTHS} months",
        "stages": [(name, sum(span for _, span in spans)) for name, spans in groupby(spans, key=lambda each: each[0])],
    }


def _newest_of_most(deployment: Deployment) -> PublishedVersion:
    with deployment.store.reading() as rx:
        counts = dict(read_grants(rx).group_by("policy").len().iter_rows())
        versions = published_versions(rx, max(sorted(counts), key=lambda policy: counts[policy]))
    return versions[-1]


if __name__ == "__main__":
    main()
