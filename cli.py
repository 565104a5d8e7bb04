"""The words of the command line → calls → exit codes; no logic. The commands stand in `commands/`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from commands import (
    accounts,
    audit,
    budget,
    cases,
    changes,
    data,
    grants,
    grievances,
    keys,
    lifecycle,
    lists,
    nights,
    notices,
    payouts,
    portals,
    publicity,
    roles,
    rounds,
    rules,
    supervision,
    suspicions,
    waivers,
)
from commands.terminal import HERE, WorkspaceDir, err, opened, out, progress, show
from core.errors import EXIT_FINDINGS, MianshenError

app = typer.Typer(
    name="mianshen",
    help="免申即享: find everyone who is entitled to a benefit, and pay them without an application.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(changes.app)
app.add_typer(nights.app)
app.add_typer(data.data, name="data")
rules.rules.add_typer(lifecycle.rules)
app.add_typer(rules.rules, name="rules")
app.add_typer(rounds.rounds, name="rounds")
app.add_typer(notices.notices, name="notices")
app.add_typer(audit.audit, name="audit")
app.add_typer(budget.budget, name="budget")
app.add_typer(roles.roles, name="roles")
app.add_typer(keys.keys, name="keys")
app.add_typer(accounts.accounts, name="accounts")
app.add_typer(portals.portals, name="portals")
app.add_typer(cases.cases, name="cases")
app.add_typer(payouts.payouts, name="payouts")
app.add_typer(grievances.grievances, name="grievances")
app.add_typer(supervision.supervision, name="supervision")
app.add_typer(suspicions.suspicions, name="suspicions")
app.add_typer(grants.grants, name="grants")
app.add_typer(lists.lists, name="lists")
app.add_typer(publicity.publicity, name="publicity")
app.add_typer(waivers.waivers, name="waivers")

DEMO = Path("demo")


def main() -> None:
    """Run the command line; a fault that a person can mend is shown and gives its exit code."""
    try:
        app(prog_name="mianshen")
    except MianshenError as fault:
        show(fault.findings)
        sys.exit(fault.exit_code)
    except KeyboardInterrupt:
        err.print("stopped")
        sys.exit(EXIT_FINDINGS)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make.", metavar="DIR")],
    *,
    name: Annotated[str, typer.Option(help="What the workspace is called.")] = "示例区",
    region: Annotated[str, typer.Option(help="Its region, by GB/T 2260.")] = "310118",
    bare: Annotated[bool, typer.Option(help="Leave the shipped catalogue and policies out.")] = False,
) -> None:
    """Make a workspace: settings, keys, and the shipped catalogue and policies."""
    from core.workspace import init_workspace
    from engine.library import copy_library

    workspace = init_workspace(folder, name=name, region=region)
    copies = [] if bare else copy_library(workspace)
    with opened(folder):  # makes the database
        out.print(f"workspace {folder}: {len(copies)} files of the library; settings in workspace.toml")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on; else as in the settings.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port; else as in the settings.")] = None,
    processes: Annotated[int, typer.Option(min=1, max=256, help="How many answer; each uses one core.")] = 1,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Serve the pages of enterprises and officers until stopped."""
    from pages.serving import serve as serve_pages

    with opened(workspace) as deployment:
        web = deployment.workspace.settings.web
        serve_pages(deployment, host or web.host, web.port if port is None else port, processes=processes)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to make it.", metavar="DIR")] = DEMO,
    *,
    people: Annotated[int, typer.Option(min=300, help="Residents of the district.")] = 20_000,
    enterprises: Annotated[int, typer.Option(min=40, help="Its enterprises.")] = 5_000,
    seed: Annotated[int, typer.Option(help="Another seed is another district.")] = 2025,
    bank: Annotated[bool, typer.Option("--bank", help="A month with a bank that has bad days, instead.")] = False,
    pages: Annotated[bool, typer.Option("--serve", help="Open the pages of it afterwards, until stopped.")] = False,
) -> None:
    """Make a district, run three nights around a raise, and say what happened, what was held and why."""
    if bank:
        _bank_demo(folder, people, enterprises, seed)
        return
    from engine.demo import run_demo
    from pages.terminal.demo import demo_story

    with progress() as said:
        made = run_demo(folder, people=people, enterprises=enterprises, seed=seed, said=said)
    out.print(demo_story(made))
    if pages:
        serve(workspace=made.root)
    if not all(each.is_right for each in made.faults):
        raise typer.Exit(EXIT_FINDINGS)


def _bank_demo(folder: Path, people: int, enterprises: int, seed: int) -> None:
    from engine.demo_bank import run_bank_demo
    from pages.terminal.bank import bank_story

    with progress() as said:
        month = run_bank_demo(folder, people=people, enterprises=enterprises, seed=seed, said=said)
    out.print(bank_story(month))
    if not month.is_right:
        raise typer.Exit(EXIT_FINDINGS)


if __name__ == "__main__":
    main()
