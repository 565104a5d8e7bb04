"""What the effect of a change depends on: one digest per thing that may move, so that a refusal can say what moved."""

import datetime as dt
from collections.abc import Mapping

from core.clock import civil_day
from core.ids import text_digest
from core.product import engine_version
from engine.deployment import Deployment
from engine.night import JOB
from store.activations import activations_known_at, published_versions
from store.loads import read_loads
from store.opening import Reading
from store.runs import latest_published


def fingerprint_of(rx: Reading, deployment: Deployment, *, day: dt.date, known_at: dt.datetime) -> Mapping[str, str]:
    """Return the digest of everything that a plan for a day depends on, as known at an instant.

    Keys: `day`, `engine`, `catalogue`, `merges`, `night` (the last published), `data <resource>`,
          `rule <policy> <version>`, `activations <policy>`; words for people are `words_of` a key. What citizens do
          between nights is not among them: it moves nobody's entitlement.
    """
    loads = read_loads(rx, deployment.workspace.root).known_at(known_at)
    latest = latest_published(rx, JOB)
    activations: dict[str, list[str]] = {}
    for activation in activations_known_at(rx, known_at):
        activations.setdefault(activation.policy, []).append(repr(activation))
    return {
        "day": day.isoformat(),
        "engine": engine_version(),
        "catalogue": deployment.catalogue.fingerprint,
        "merges": text_digest(*(repr(merge) for merge in loads.merges)),
        "night": f"{latest.business_date} {latest.run_id}" if latest else "none",
        **{
            f"data {resource}": text_digest(*(f"{load.load_id} {load.digest}" for load in loads.of(resource)))
            for resource in sorted({info.resource for info in loads.infos})
        },
        **{
            f"rule {each.policy} {each.version}": each.fingerprint
            for each in published_versions(rx)
            if each.published_at <= known_at
        },
        **{f"activations {policy}": text_digest(*own) for policy, own in sorted(activations.items())},
    }


def fingerprint_now(deployment: Deployment, *, day: dt.date | None = None) -> Mapping[str, str]:
    """Return the digest of everything as it stands now; `day` is today where none is given."""
    known_at = deployment.clock.now()
    with deployment.store.reading() as rx:
        return fingerprint_of(rx, deployment, day=day or civil_day(known_at), known_at=known_at)


def words_of(key: str) -> str:
    """Return what a key of a fingerprint means, in plain words."""
    noun, _, rest = key.partition(" ")
    policy, _, version = rest.rpartition(" ")
    return {
        "day": "the day asked about",
        "engine": "the engine",
        "catalogue": "the catalogue",
        "merges": "which subjects are one",
        "night": "the last published night",
        "data": f"the data of `{rest}`",
        "rule": f"version {version} of `{policy}`",
        "activations": f"which versions of `{rest}` stand",
    }.get(noun, key)
