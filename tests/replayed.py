"""Every published night of a deployment, computed again: what tests of whole histories end with."""

from engine.deployment import Deployment
from engine.night import JOB
from engine.replaying.replay import Replay, replay_run
from store.runs import runs_of
from store.states.nights import RunState


def replays(deployment: Deployment) -> list[Replay]:
    """Replay every published night, oldest first."""
    with deployment.store.reading() as rx:
        published = [run.run_id for run in runs_of(rx, JOB) if run.state is RunState.PUBLISHED]
    return [replay_run(deployment, run_id, lambda _: None) for run_id in published]
