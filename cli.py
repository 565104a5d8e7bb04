"""The words of the command line → calls → exit codes; no logic.

Heavy modules are imported inside the commands, so that `mianshen --help` answers at once.
"""

import datetime as dt
import getpass
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from core.clock import SystemClock, civil_day
from core.errors import EXIT_CHANGES, EXIT_FINDINGS, EXIT_UNKNOWN, MianshenError
from core.findings import Finding

if TYPE_CHECKING:
    from engine.deployment import Deployment
    from engine.planning.change import Change
    from engine.planning.effect import Plan
    from engine.planning.plan import PlanOptions
    from rules.bound import RuleVersion

app = typer.Typer(
    name="mianshen",
    help="免申即享: find everyone who is entitled to a benefit, and pay them without an application.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data = typer.Typer(help="Shared data: load it, see how fresh, complete and clean it is.", no_args_is_help=True)
rounds = typer.Typer(
    help="Dated rounds: rankings, ratios and first come, opened by one person and decided by another.",
    no_args_is_help=True,
)
rules = typer.Typer(
    help="Rule versions: check, test, list and show them; submit, approve, return and withdraw them.",
    no_args_is_help=True,
)
app.add_typer(data, name="data")
app.add_typer(rules, name="rules")
app.add_typer(rounds, name="rounds")

WIDE = 240  # columns of tables that go to a file or another program, so that none is folded there
out = Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, highlight=False, markup=False, emoji=False)

HERE = Path()
DEMO = Path("demo")
SAMPLE = Path("sample.csv")
WorkspaceDir = Annotated[
    Path, typer.Option("--workspace", "-w", envvar="MIANSHEN_WORKSPACE", help="The workspace folder.", metavar="DIR")
]
USER = getpass.getuser()
By = Annotated[str, typer.Option(help="Who does it; else the login name.", metavar="NAME")]
MONTHS = 12  # that a plan looks at where nobody says
FirstDay = Annotated[dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")]
ShadowNights = Annotated[int, typer.Option("--shadow", min=0, max=366, help="For so many nights only compute it.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the step.", metavar="TEXT")]
PolicyCode = Annotated[str, typer.Argument(help="The policy's code.")]
VersionNumber = Annotated[int | None, typer.Argument(help="Its version; none: whatever waits.")]


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


def show(findings: Sequence[Finding]) -> None:
    """Print findings on standard error."""
    from core.languages import in_language, language_of
    from pages.terminal import show_findings

    language = language_of(os.environ)
    show_findings(err, [in_language(finding, language) for finding in findings])


@contextmanager
def opened(workspace: Path) -> "Iterator[Deployment]":
    """Open a workspace by the machine's clock."""
    from engine.deployment import deployed

    with deployed(workspace, SystemClock()) as deployment:
        yield deployment


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Show what is going on, on standard error, where a person looks at it."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("starting")
        yield lambda stage: bar.update(task, description=stage)


def typed(prompt: str) -> str:
    """Ask for a line; one that a script types is shown as if a person had.

    Fails: EOFError where there is none.
    """
    line = input(prompt)
    if not sys.stdin.isatty():
        out.print(line, soft_wrap=True)
    return line


def day_of(given: dt.datetime | None) -> dt.date:
    """Return the day that was given, or today in China."""
    return given.date() if given else civil_day(SystemClock().now())


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


@data.command("load")
def data_load(
    files: Annotated[list[Path] | None, typer.Argument(help="Delivered files; none: everything in the inbox.")] = None,
    *,
    resource: Annotated[str | None, typer.Option("--resource", "-r", help="Its resource, if not by its name.")] = None,
    data_date: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day it speaks for.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook.")] = None,
    database: Annotated[str | None, typer.Option(help="Read from another database by URL.")] = None,
    select: Annotated[str | None, typer.Option(help="The SELECT to run there.")] = None,
    confirm: Annotated[bool, typer.Option(help="The file is right although it has far fewer rows.")] = False,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Load delivered files, or a query on another database."""
    from engine.loading import load_delivered, sources_of
    from pages.terminal_data import loaded_line

    failed = False
    with opened(workspace) as deployment:
        sources = sources_of(deployment, files or [], database=database, select=select)
        if not sources:
            err.print("nothing to load: the inbox is empty")
        for source in sources:
            try:
                report = load_delivered(
                    deployment,
                    source,
                    resource=resource,
                    data_date=data_date.date() if data_date else None,
                    sheet=sheet,
                    is_confirmed=confirm,
                )
            except MianshenError as fault:
                show(fault.findings)
                failed = True
                continue
            out.print(loaded_line(report))
            show(report.findings)
    if failed:
        raise typer.Exit(EXIT_FINDINGS)


@data.command("check")
def data_check(
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day asked about.")] = None,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Say what a data steward has to see to; exit 1 where something keeps facts unknown."""
    from engine.data_state import known_findings

    with opened(workspace) as deployment:
        findings = known_findings(deployment, day_of(on))
    show(findings)
    out.print(f"findings: {len(findings)}; those that keep facts unknown: {sum(each.is_error for each in findings)}")
    if any(each.is_error for each in findings):
        raise typer.Exit(EXIT_FINDINGS)


@data.command("list")
def data_list(
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day asked about.")] = None,
    workspace: WorkspaceDir = HERE,
) -> None:
    """List every resource with its freshness."""
    from engine.data_state import known_states
    from pages.terminal_data import resource_table

    with opened(workspace) as deployment:
        out.print(resource_table(known_states(deployment, day_of(on))))


@data.command("show")
def data_show(
    resource: Annotated[str, typer.Argument(help="The resource's code.")],
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day asked about.")] = None,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show one resource: its loads, and why rows of the newest one were kept back."""
    from engine.data_state import known_resource
    from pages.terminal_data import resource_detail

    with opened(workspace) as deployment:
        out.print(resource_detail(*known_resource(deployment, resource, day_of(on))))


def read_rules(deployment: "Deployment", policy: str | None, version: int | None = None) -> "list[RuleVersion]":
    """Return the workspace's versions, or those of one policy, or one of them."""
    from engine.publishing import chosen_versions

    return chosen_versions(deployment, policy, version)


@rules.command("check")
def rules_check(
    targets: Annotated[
        list[str] | None,
        typer.Argument(help="Policies, or rule files; none: all policies.", metavar="[POLICY|FILE]..."),
    ] = None,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Check rule files: text, names, types, units, what can be proved of them, and their worked examples."""
    from engine.rule_checks import check_rules

    with opened(workspace) as deployment:
        report = check_rules(deployment, targets or [])
    show(report.findings)
    counts = {
        "versions": len(report.versions),
        "examples": report.example_count,
        "faults": report.fault_count,
        "warnings": len(report.findings) - report.fault_count,
    }
    out.print("; ".join(f"{noun}: {count}" for noun, count in counts.items()))
    if report.fault_count:
        raise typer.Exit(EXIT_FINDINGS)


@rules.command("diff")
def rules_diff(
    words: Annotated[list[str], typer.Argument(help="Two files, or a policy and two numbers.", metavar="OLD NEW")],
    *,
    json: Annotated[bool, typer.Option("--json", help="Print the difference as JSON.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 5 where something changed.")] = False,
    strict: Annotated[bool, typer.Option(help="Exit 4 where something was not decided.")] = False,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Say what changed between two versions, and prove who gains and who loses."""
    from engine.rule_pairs import pair_of
    from pages.terminal_diff import difference_view
    from rules.diff import compare_versions

    with opened(workspace) as deployment:
        pair = pair_of(deployment, words)
    if pair is None:
        message = "name two files, or a policy and two of its versions: `rules diff POLICY 1 2`"
        raise typer.BadParameter(message)
    difference = compare_versions(*pair)
    if json:
        sys.stdout.write(difference.as_json() + "\n")
    else:
        out.print(difference_view(difference))
    if strict and difference.open:
        raise typer.Exit(EXIT_UNKNOWN)
    if exit_code and difference.changes:
        raise typer.Exit(EXIT_CHANGES)


@rules.command("test")
def rules_test(
    policy: Annotated[str | None, typer.Argument(help="One policy; none: all of them.")] = None,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Run the worked examples, each alone and among strangers."""
    from pages.terminal_rules import example_table
    from rules.examples import run_examples

    with opened(workspace) as deployment:
        results = [(version, run_examples(version)) for version in read_rules(deployment, policy)]
    for _, findings in results:
        show(findings)
    out.print(example_table((each, len(each.written.examples), len(findings)) for each, findings in results))
    if any(findings for _, findings in results):
        raise typer.Exit(EXIT_FINDINGS)


@rules.command("list")
def rules_list(workspace: WorkspaceDir = HERE) -> None:
    """List every version with its state and the days on which it stands."""
    from engine.history import states_of_versions
    from engine.publishing import all_activations
    from pages.terminal_rules import version_table

    with opened(workspace) as deployment:
        states = states_of_versions(deployment)
        out.print(version_table(read_rules(deployment, None), all_activations(deployment), states))


@rules.command("history")
def rules_history(policy: PolicyCode, *, workspace: WorkspaceDir = HERE) -> None:
    """Show everything that was done with a policy: versions, activations and steps, with who, when and why."""
    from engine.history import history_of
    from pages.terminal_lifecycle import history_detail

    with opened(workspace) as deployment:
        out.print(history_detail(history_of(deployment, policy)))


@rules.command("show")
def rules_show(
    policy: Annotated[str, typer.Argument(help="The policy's code.")],
    version: Annotated[int | None, typer.Argument(help="Its version; none: the newest.")] = None,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show one version in plain words, with the documents it carries out."""
    from pages.terminal_rules import version_detail

    with opened(workspace) as deployment:
        out.print(version_detail(read_rules(deployment, policy, version)[-1]))


@rules.command("submit")
def rules_submit(
    plan: Annotated[Path, typer.Argument(help="A plan file.", metavar="PLAN-FILE")],
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Hand a plan in for another officer's approval, once its checks and examples pass."""
    from engine.lifecycle import submit_plan
    from engine.plan_file import read_plan

    with opened(workspace) as deployment:
        made = submit_plan(deployment, read_plan(plan), by=by)
    out.print(f"submitted: fingerprint {made.fingerprint[:16]}; another officer than {by} now approves it")


@rules.command("approve")
def rules_approve(
    policy: PolicyCode,
    version: VersionNumber = None,
    *,
    fingerprint: Annotated[str, typer.Option(help="Sign only what has this fingerprint; its beginning will do.")] = "",
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show the plan that waits and sign exactly its fingerprint; its author and its submitter may not."""
    from engine.lifecycle import approve, refuse_other, waiting_for
    from pages.terminal_lifecycle import proposal_detail
    from store.proposals import proposed_activations

    with opened(workspace) as deployment:
        with deployment.store.reading() as rx:
            waiting = waiting_for(rx, policy, version)
            activations = [each for _, each in proposed_activations(rx, waiting.proposal_id)]
        refuse_other(waiting, fingerprint)
        out.print(proposal_detail(waiting, activations))
        approve(deployment, waiting, by=by)
    out.print(f"approved by {by}: fingerprint {waiting.fingerprint}")


@rules.command("return")
def rules_return(
    policy: PolicyCode, version: VersionNumber = None, *, reason: Reason, by: By = USER, workspace: WorkspaceDir = HERE
) -> None:
    """Send what was submitted back to its author; its next revision is planned and submitted anew."""
    from engine.lifecycle import close, waiting_for
    from store.states import VersionState

    with opened(workspace) as deployment:
        with deployment.store.reading() as rx:
            waiting = waiting_for(rx, policy, version)
        close(deployment, waiting, VersionState.RETURNED, by=by, reason=reason)
    out.print(f"{policy}: returned to {waiting.authored_by}")


@rules.command("withdraw")
def rules_withdraw(
    policy: PolicyCode, version: VersionNumber = None, *, reason: Reason, by: By = USER, workspace: WorkspaceDir = HERE
) -> None:
    """Take back what was submitted or approved and is not published."""
    from engine.lifecycle import close, waiting_for
    from store.states import VersionState

    with opened(workspace) as deployment:
        with deployment.store.reading() as rx:
            waiting = waiting_for(rx, policy, version)
        close(deployment, waiting, VersionState.WITHDRAWN, by=by, reason=reason)
    out.print(f"{policy}: withdrawn")


@rules.command("sample")
def rules_sample(
    policy: PolicyCode,
    *,
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many cases.")] = 20,
    seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="Draw other cases.")] = None,
    to: Annotated[Path, typer.Option("--out", help="The CSV file to write.", metavar="FILE")] = SAMPLE,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Draw cases of a version that stood in shadow, for a person to judge before its first payout."""
    from engine.sample_file import write_sample
    from engine.sampling import draw_sample

    with opened(workspace) as deployment:
        drawn = draw_sample(deployment, policy, count=count, seed=seed, by=by)
        write_sample(drawn, to)
    sample = drawn.sample
    out.print(f"{policy} {drawn.version}: {sample.case_count} cases in {to}, seed {sample.seed}")


@rules.command("verdict")
def rules_verdict(
    file: Annotated[Path, typer.Argument(help="The sample with its verdicts.", metavar="FILE")],
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Keep what a person says of a sample's cases; once all are right, the first payout may go out."""
    from engine.sample_file import record_verdicts

    with opened(workspace) as deployment:
        said = record_verdicts(deployment, file, by=by)
    out.print(f"cases: {said.case_count}; right: {said.right_count}; wrong: {said.wrong_count}")
    out.print("the first payout is released" if said.is_right else "the first payout stays on hold")
    if said.wrong_count:
        raise typer.Exit(EXIT_FINDINGS)


@app.command("apply")
def apply_command(
    plan: Annotated[Path, typer.Argument(help="The plan file that was approved.", metavar="PLAN-FILE")],
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Publish exactly what an approved plan says; refused when anything has moved since it was made."""
    from engine.lifecycle import apply_plan
    from engine.plan_file import read_plan

    with opened(workspace) as deployment:
        made = read_plan(plan)
        apply_plan(deployment, made, by=by)
    for each in made.activations:
        what = f"version {each.version}" if each.version else "repealed"
        out.print(f"{each.policy}: {what} from {each.valid_from} through {each.valid_through or 'further notice'}")


@rules.command("new")
def rules_new(workspace: WorkspaceDir = HERE) -> None:
    """Ask for everything that a policy's first version needs, and write its file with examples; nothing before the end."""
    from engine.publishing import proof_findings
    from engine.rule_files import put_policy, setting_of
    from pages.terminal_interview import converse
    from rules.interview import interview

    with opened(workspace) as deployment:
        try:
            made = converse(interview(setting_of(deployment)), said=out.print, read=typed)
        except (EOFError, KeyboardInterrupt):
            err.print("\nstopped: nothing was written")
            raise typer.Exit(EXIT_FINDINGS) from None
        version, path = put_policy(deployment, made)
        findings = proof_findings(version)
    out.print(f"\n{path}", soft_wrap=True)
    show(findings)
    if any(each.is_error for each in findings):
        raise typer.Exit(EXIT_FINDINGS)


@rules.command("readiness")
def rules_readiness(
    policies: Annotated[
        list[str] | None, typer.Argument(help="Policies to show in detail; none: all, briefly.")
    ] = None,
    *,
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day asked about.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Say which policies can be paid without an application, and which resource would free most people."""
    from engine.readiness import assess_readiness
    from pages.terminal_readiness import readiness_page

    with opened(workspace) as deployment:
        report = assess_readiness(deployment, policies or (), day_of(on))
    if json:
        sys.stdout.write(report.as_json() + "\n")
    else:
        out.print(readiness_page(report, has_details=bool(policies)))


@rules.command("export")
def rules_export(
    policy: Annotated[str, typer.Argument(help="The policy's code.")],
    version: Annotated[int | None, typer.Argument(help="Its version; none: the newest.")] = None,
    *,
    to: Annotated[Path, typer.Option(help="FILE.xlsx for its tables, FILE.yaml for its published text.")],
    workspace: WorkspaceDir = HERE,
) -> None:
    """Write a version's parameters and tariff as a workbook to edit, or its text as it was published."""
    from engine.table_exchange import export_version

    with opened(workspace) as deployment:
        number = export_version(deployment, policy, version, to)
    out.print(f"{policy} version {number}: {to}", soft_wrap=True)


@rules.command("import")
def rules_import(
    file: Annotated[Path, typer.Argument(help="A workbook made by `rules export`.")],
    *,
    valid_from: Annotated[
        dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The new version's first day.")
    ] = None,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Make the next version from an edited workbook; everything else in the file stays. Then check it."""
    from engine.table_exchange import import_tables
    from pages.terminal_rules import import_summary

    with opened(workspace) as deployment:
        made = import_tables(deployment, file, valid_from.date() if valid_from else None)
    out.print(import_summary(made), soft_wrap=True)
    show(made.findings)
    if any(each.is_error for each in made.findings):
        raise typer.Exit(EXIT_FINDINGS)


@rules.command("guide")
def rules_guide(
    policy: Annotated[str | None, typer.Argument(help="One policy; none: all of them, into a folder.")] = None,
    version: Annotated[int | None, typer.Argument(help="Its version; none: the newest.")] = None,
    *,
    to: Annotated[Path, typer.Option("--out", help="The HTML file, or the folder for all policies.")],
    public: Annotated[bool, typer.Option("--public", help="Leave out data, departments and examples.")] = False,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Write the guide of a policy, as a page that opens offline and prints on A4: conditions, standard, terms, basis."""
    from engine.guide import guides
    from engine.rule_files import put_pages
    from pages.guide import guide_files

    with opened(workspace) as deployment:
        made = guides(deployment, policy, version)
    for path in put_pages(guide_files(made, to, is_one=policy is not None, is_public=public)):
        out.print(str(path), soft_wrap=True)


@rules.command("example")
def rules_example(
    policy: Annotated[str, typer.Argument(help="The policy's code.")],
    version: Annotated[int | None, typer.Argument(help="Its version; none: the newest.")] = None,
    *,
    subject: Annotated[str, typer.Option("--from", help="An opaque id, or an official number.", metavar="SUBJECT")],
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day asked about.")] = None,
    name: Annotated[str | None, typer.Option(help="What the example is called.")] = None,
    add: Annotated[bool, typer.Option("--add", help="Append it to the version's file.")] = False,
    by: Annotated[str, typer.Option(help="Who looks at the case; the look is recorded.")] = getpass.getuser(),
    workspace: WorkspaceDir = HERE,
) -> None:
    """Turn a real case, masked, into a worked example, and print it or append it to the file."""
    from engine.casework import add_case, work_case
    from pages.terminal_rules import masking_line

    day = on.date() if on else None
    with opened(workspace) as deployment:
        case = work_case(deployment, subject, policy, version, on=day, name=name, by=by)
        path = add_case(deployment, case) if add else None
    out.print(case.block, end="", soft_wrap=True)
    err.print(masking_line(case.coarsened, case.moved), soft_wrap=True)
    if path is not None:
        err.print(f"appended to {path}", soft_wrap=True)


@app.command()
def run(
    as_of: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The business date.")] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compute everything, write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    accept: Annotated[list[str] | None, typer.Option(help="A policy that may go beyond its guard this night.")] = None,
    strict: Annotated[bool, typer.Option(help="Exit 4 where some outcome is unknown.")] = False,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Run the night of a business date: match everyone, work out what is due, open items, notices and batches."""
    from engine.run import NightOptions
    from engine.telling import run_and_tell
    from pages.terminal import night_summary

    with opened(workspace) as deployment, progress() as said:
        options = NightOptions(is_dry_run=dry_run, accepted=frozenset(accept or ()))
        report = run_and_tell(deployment, day_of(as_of), options=options, progress=said)
    if json:
        sys.stdout.write(report.as_json() + "\n")
    else:
        out.print(night_summary(report))
    show(report.findings)
    if not report.is_clean:
        raise typer.Exit(EXIT_FINDINGS)
    if strict and report.unknown_count:
        raise typer.Exit(EXIT_UNKNOWN)


@app.command()
def plan(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Rule files that are proposed.", metavar="POLICY-FILE…")
    ] = None,
    *,
    retire: Annotated[list[str] | None, typer.Option(help="A policy to end from the day in --from.")] = None,
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day whose facts are used.")] = None,
    months: Annotated[int, typer.Option(min=1, max=60, help="How many months to look at, this one first.")] = 12,
    valid_from: Annotated[
        dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; else as written.")
    ] = None,
    valid_through: Annotated[
        dt.datetime | None, typer.Option("--through", formats=["%Y-%m-%d"], help="Last day; else as written.")
    ] = None,
    clears: Annotated[bool, typer.Option(help="Also beat what was activated before with a later first day.")] = False,
    shadow: ShadowNights = 0,
    to: Annotated[Path | None, typer.Option("--out", help="Keep the plan in a file, for `mianshen apply`.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a report that opens offline and prints.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 5 where the plan has changes.")] = False,
    by: Annotated[str, typer.Option(help="Who plans.")] = getpass.getuser(),
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show what a change would do to everyone, before it is made; nothing is written."""
    from engine.planning.change import ProposedDays, read_change
    from engine.planning.plan import PlanOptions
    from pages.plan_report import write_report

    days = ProposedDays(_date(valid_from), _date(valid_through), clears, shadow)
    with opened(workspace) as deployment:
        change = read_change(deployment.catalogue, files or [], retired=retire or (), days=days)
        made = planned(deployment, change, PlanOptions(day_of(on), months, by), to=to, json=json)
        if html is not None:
            write_report(made, html, deployment.workspace.settings.name)
    if exit_code and made.is_change:
        raise typer.Exit(EXIT_CHANGES)


def planned(
    deployment: "Deployment", change: "Change", options: "PlanOptions", *, to: Path | None, json: bool = False
) -> "Plan":
    """Work out and show the effect of a change; keep it in a file where one is named."""
    from engine.plan_file import write_plan
    from engine.planning.plan import file_of, make_plan
    from pages.terminal_plan import plan_summary, proof_lines

    if not json:
        out.print(proof_lines(change.proofs))
    with progress() as said:
        made = make_plan(deployment, change, options, said)
    if json:
        sys.stdout.write(made.as_json() + "\n")
    else:
        out.print(plan_summary(made))
    show([finding for proof in change.proofs for finding in proof.warnings])
    if to is not None:
        write_plan(file_of(made, change), to)
    return made


@rules.command("rollback")
def rules_rollback(
    policy: PolicyCode,
    *,
    valid_from: FirstDay,
    version: Annotated[int | None, typer.Option("--to", help="The version; else the one before.")] = None,
    shadow: ShadowNights = 0,
    to: Annotated[Path | None, typer.Option("--out", help="Keep the plan in a file, to submit it.")] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Plan to let an earlier version stand again; submitted, approved and applied like every plan."""
    from engine.planning.change import ProposedDays
    from engine.planning.plan import PlanOptions
    from engine.planning.rollback import rolled_back

    days = ProposedDays(valid_from.date(), shadow_nights=shadow)
    with opened(workspace) as deployment:
        with deployment.store.reading() as rx:
            change = rolled_back(rx, deployment.catalogue, policy, to=version, days=days)
        planned(deployment, change, PlanOptions(day_of(None), MONTHS, by), to=to)


@rules.command("repeal")
def rules_repeal(
    policy: PolicyCode,
    *,
    valid_from: FirstDay,
    to: Annotated[Path | None, typer.Option("--out", help="Keep the plan in a file, to submit it.")] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Plan to end a policy from a day on; submitted, approved and applied like every plan."""
    from engine.planning.change import ProposedDays, read_change
    from engine.planning.plan import PlanOptions

    with opened(workspace) as deployment:
        change = read_change(deployment.catalogue, [], retired=[policy], days=ProposedDays(valid_from.date()))
        planned(deployment, change, PlanOptions(day_of(None), MONTHS, by), to=to)


def _date(given: dt.datetime | None) -> dt.date | None:
    return given.date() if given else None


@app.command()
def outlook(
    *,
    months: Annotated[int, typer.Option(min=1, max=60, help="How many months to look at, this one first.")] = 3,
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day to look from.")] = None,
    to: Annotated[Path | None, typer.Option("--out", help="Write every turn with its opaque id to Parquet.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show who will start, end, change or run out of a certificate, by policy and month, as time moves."""
    from engine.planning.outlook import look_ahead, write_turns
    from pages.terminal_outlook import outlook_tables

    with opened(workspace) as deployment, progress() as said:
        seen = look_ahead(deployment, day=day_of(on), months=months, progress=said)
    if json:
        sys.stdout.write(seen.as_json() + "\n")
    else:
        out.print(outlook_tables(seen))
    if to is not None:
        write_turns(seen, to)


@app.command()
def explain(
    subject: Annotated[str, typer.Argument(help="An opaque id, or an official number.")],
    policy: Annotated[str | None, typer.Argument(help="One policy; none: all for this kind of subject.")] = None,
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day asked about.")] = None,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Explain a subject's outcomes: each condition with value, source and date; what fails or is unknown first."""
    from engine.explain import explain_subject
    from pages.terminal_explain import explanation

    with opened(workspace) as deployment:
        out.print(explanation(explain_subject(deployment, subject, policy, on.date() if on else None).examinations))


@app.command()
def replay(
    run: Annotated[str, typer.Argument(help="A published night: its business date, or its id.", metavar="RUN")],
    *,
    subject: Annotated[str | None, typer.Option(help="Only this subject, then and now: an id or a number.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Compute a published night again from what it worked from, and compare; nothing is written, no vault opened.

    Exit 0 where it comes to the same, 1 where it differs, 3 where something that it worked from is gone.
    """
    from engine.replay import EXIT_OF, replay_run
    from engine.replay_subject import replay_subject
    from pages.terminal_replay import replay_summary, subject_replay

    with opened(workspace) as deployment, progress() as said:
        if subject is None:
            whole = replay_run(deployment, run, said)
            verdict, findings, tree, page = whole.verdict, whole.findings, whole.as_json, replay_summary(whole)
        else:
            one = replay_subject(deployment, run, subject)
            verdict, findings, tree, page = one.verdict, one.findings, one.as_json, subject_replay(one)
    if json:
        sys.stdout.write(tree() + "\n")
    else:
        out.print(page)
    show(findings)
    if EXIT_OF[verdict]:
        raise typer.Exit(EXIT_OF[verdict])


@app.command()
def schedule(workspace: WorkspaceDir = HERE) -> None:
    """Run every night at its hour, and once more for what was missed, until stopped."""
    import signal

    from engine.schedule import build_scheduler

    with opened(workspace) as deployment:
        scheduler = build_scheduler(deployment, said=err.print)
        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, lambda *_: scheduler.shutdown(wait=False))
        err.print(f"a night at {deployment.workspace.settings.run_hour:02d}:00 Asia/Shanghai; stop with Ctrl-C")
        scheduler.start()


RoundCode = Annotated[str, typer.Argument(help="The code of a round: `rounds/CODE.yaml`.", metavar="CODE")]


@rounds.command("open")
def rounds_open(code: RoundCode, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Compute a round from what is known now; another person decides it."""
    from engine.rounds import open_round
    from pages.terminal_rounds import round_line

    with opened(workspace) as deployment:
        made = open_round(deployment, code, by=by)
    out.print(round_line(made))
    out.print(f"opened: fingerprint {made.fingerprint[:16]}; another person than {by} now decides it")


@rounds.command("decide")
def rounds_decide(code: RoundCode, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Sign exactly what was opened; its result becomes a load that rules read."""
    from engine.rounds import decide_round

    with opened(workspace) as deployment:
        made = decide_round(deployment, code, by=by)
    out.print(f"decided: {code} is load {made.load_id}, data date {made.day}")


@rounds.command("list")
def rounds_list(workspace: WorkspaceDir = HERE) -> None:
    """Show every round that was opened, and who came after it was decided."""
    from engine.rounds import list_rounds
    from pages.terminal_rounds import round_line

    with opened(workspace) as deployment:
        known, findings = list_rounds(deployment)
    for each in known:
        out.print(round_line(each))
    if not known:
        out.print("no round was opened")
    show(findings)


@app.command()
def match(
    *,
    profiles: Annotated[Path, typer.Option(help="A Parquet file: `subject_id` and columns by attribute code.")],
    catalogue: Annotated[Path, typer.Option(help="The catalogue's folder.")],
    policies: Annotated[Path, typer.Option(help="The folder of rule versions.")],
    on: Annotated[dt.datetime, typer.Option(formats=["%Y-%m-%d"], help="The day asked about.")],
    to: Annotated[Path, typer.Option("--out", help="The Parquet file to write.")],
    whole: Annotated[bool, typer.Option("--all", help="Every row, also those not met.")] = False,
) -> None:
    """Match a prepared frame against rule versions, with the night's own matcher."""
    from engine.prepared import match_file

    counts = match_file(profiles, catalogue, policies, on=on.date(), out=to, is_whole=whole)
    for policy, outcomes in counts.items():
        out.print(f"{policy}: " + ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items())))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on; else as in the settings.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port; else as in the settings.")] = None,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Serve the enterprise pages until stopped."""
    from pages.serving import serve as serve_pages

    with opened(workspace) as deployment:
        web = deployment.workspace.settings.web
        serve_pages(deployment, host or web.host, web.port if port is None else port)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to make it.", metavar="DIR")] = DEMO,
    *,
    people: Annotated[int, typer.Option(min=300, help="Residents of the district.")] = 20_000,
    enterprises: Annotated[int, typer.Option(min=40, help="Its enterprises.")] = 5_000,
    seed: Annotated[int, typer.Option(help="Another seed is another district.")] = 2025,
) -> None:
    """Make a district, run three nights around a raise, and say what happened, what was held and why."""
    from engine.demo import run_demo
    from pages.terminal_demo import demo_story

    with progress() as said:
        made = run_demo(folder, people=people, enterprises=enterprises, seed=seed, said=said)
    out.print(demo_story(made))
    if not all(each.is_right for each in made.faults):
        raise typer.Exit(EXIT_FINDINGS)


if __name__ == "__main__":
    main()
