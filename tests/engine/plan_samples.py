"""Plans to test with: complete and boring."""

import datetime as dt
from typing import Any

from engine.planning.plan_file import PlanFile, ProposedActivation, ProposedVersion


def a_plan(**changed: Any) -> PlanFile:  # noqa: ANN401  # any field
    """Return a plan of one raise and one repeal."""
    fields: dict[str, Any] = {
        "made_by": "officer",
        "known_at": dt.datetime(2025, 7, 1, 2, 0, tzinfo=dt.UTC),
        "day": dt.date(2025, 7, 1),
        "months": 12,
        "versions": (ProposedVersion(policy="care", version=2, text="…", fingerprint="f", results_fingerprint="r"),),
        "activations": (
            ProposedActivation(policy="care", version=2, valid_from=dt.date(2025, 8, 1)),
            ProposedActivation(policy="old", version=None, valid_from=dt.date(2025, 9, 1), clears=True),
        ),
        "depends_on": {"day": "2025-07-01", "rule care 1": "e"},
        "summary": {"policies": []},
    }
    return PlanFile(**(fields | changed))
