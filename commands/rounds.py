"""`mianshen rounds …`: rankings, ratios and first come, decided once."""

from typing import Annotated

import typer

from commands.terminal import HERE, USER, By, WorkspaceDir, opened, out, show, within

rounds = typer.Typer(
    help="Dated rounds: rankings, ratios and first come, opened by one person and decided by another.",
    no_args_is_help=True,
)

RoundCode = Annotated[str, typer.Argument(help="The code of a round: `rounds/CODE.yaml`.", metavar="CODE")]


@rounds.command("open")
def rounds_open(code: RoundCode, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Compute a round from what is known now; another person decides it."""
    from engine.rounds.rounds import open_round
    from pages.terminal.rounds import round_line

    with opened(workspace) as deployment:
        made = open_round(deployment, code, by=by)
    out.print(round_line(made))
    out.print(f"opened: fingerprint {made.fingerprint[:16]}; another person than {by} now decides it")


@rounds.command("decide")
def rounds_decide(code: RoundCode, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Sign exactly what was opened; its result becomes a load that rules read."""
    from engine.rounds.rounds import decide_round

    with opened(workspace) as deployment:
        made = decide_round(deployment, code, by=by)
    out.print(f"decided: {code} is load {made.load_id}, data date {made.day}")


@rounds.command("list")
def rounds_list(*, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Show every round of your policies' data that was opened, and who came after it was decided."""
    from engine.data_reach import data_reach
    from engine.desks import ROUNDS
    from engine.rounds.rounds import list_rounds
    from pages.terminal.rounds import round_line

    with opened(workspace) as deployment:
        known, findings = list_rounds(deployment, data_reach(deployment, by, within(deployment, by, ROUNDS)))
    for each in known:
        out.print(round_line(each))
    if not known:
        out.print("no round was opened")
    show(findings)
