"""`mianshen rules …` on files: written, checked, tested, compared, shown, carried in and out."""

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.terminal import (
    HERE,
    USER,
    By,
    PolicyCode,
    WorkspaceDir,
    day_of,
    err,
    opened,
    out,
    progress,
    say,
    show,
    typed,
    within,
)
from core.errors import EXIT_CHANGES, EXIT_FINDINGS, EXIT_UNKNOWN

if TYPE_CHECKING:
    from engine.deployment import Deployment
    from rules.bound import RuleVersion

rules = typer.Typer(
    help="Rule versions: check, test, list and show them; submit, approve, return, withdraw, suspend and resume them.",
    no_args_is_help=True,
)


def read_rules(deployment: "Deployment", policy: str | None, version: int | None = None) -> "list[RuleVersion]":
    """Return the workspace's versions, or those of one policy, or one of them."""
    from engine.lifecycle.publishing import chosen_versions

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
    with progress("reading rule files") as said:
        from engine.authoring.rule_checks import check_rules

        with opened(workspace) as deployment:
            report = check_rules(deployment, targets or [], checked=lambda each: said(f"checked {each.script.name}"))
    show(report.findings)
    counts = {
        "versions": len(report.versions),
        "examples": report.example_count,
        "faults": report.fault_count,
        "warnings": len(report.findings) - report.fault_count,
    }
    say("; ".join(f"{noun}: {count}" for noun, count in counts.items()))
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
    from engine.authoring.rule_pairs import pair_of
    from pages.terminal.diff import difference_view
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
    from pages.terminal.rules import example_table
    from rules.examples import run_examples

    with opened(workspace) as deployment:
        results = [(version, run_examples(version)) for version in read_rules(deployment, policy)]
    for _, findings in results:
        show(findings)
    out.print(example_table((each, len(each.written.examples), len(findings)) for each, findings in results))
    if any(findings for _, findings in results):
        raise typer.Exit(EXIT_FINDINGS)


@rules.command("list")
def rules_list(*, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """List every version with its state and the days on which it stands."""
    from engine.desks import POLICIES
    from engine.lifecycle.history import states_of_versions, suspensions_of_versions
    from engine.lifecycle.publishing import all_activations
    from pages.terminal.rules import version_table

    with opened(workspace) as deployment:
        remit = within(deployment, by, POLICIES)
        versions = [each for each in read_rules(deployment, None) if remit.covers(each.policy)]
        states = states_of_versions(deployment)
        stopped = suspensions_of_versions(deployment)
        days = {key: step.suspended_from for key, step in stopped.items() if step.suspended_from}
        out.print(version_table(versions, all_activations(deployment), states, days))


@rules.command("history")
def rules_history(policy: PolicyCode, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Show everything that was done with a policy: versions, activations and steps, with who, when and why."""
    from engine.authority import look_at
    from engine.desks import POLICIES
    from engine.lifecycle.history import history_of
    from pages.terminal.lifecycle import history_detail

    with opened(workspace) as deployment:
        look_at(deployment, by, POLICIES, policy)
        out.print(history_detail(history_of(deployment, policy)))


@rules.command("show")
def rules_show(
    policy: Annotated[str, typer.Argument(help="The policy's code.")],
    version: Annotated[int | None, typer.Argument(help="Its version; none: the newest.")] = None,
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show one version in plain words, with the documents it carries out, and whether it is suspended."""
    from engine.authority import look_at
    from engine.desks import POLICIES
    from engine.lifecycle.history import suspensions_of_versions
    from pages.terminal.rules import version_detail

    with opened(workspace) as deployment:
        look_at(deployment, by, POLICIES, policy)
        shown = read_rules(deployment, policy, version)[-1]
        out.print(version_detail(shown, suspensions_of_versions(deployment).get((shown.policy, shown.version))))


@rules.command("new")
def rules_new(workspace: WorkspaceDir = HERE) -> None:
    """Ask for everything that a policy's first version needs, and write its file with examples; nothing before the end."""
    from engine.authoring.rule_files import put_policy, setting_of
    from engine.lifecycle.publishing import proof_findings
    from pages.terminal.interview import converse
    from rules.interview import interview

    with opened(workspace) as deployment:
        try:
            made = converse(interview(setting_of(deployment)), said=out.print, read=typed)
        except (EOFError, KeyboardInterrupt):
            err.print()
            say("stopped: nothing was written", to=err)
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
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Say which policies can be paid without an application, and which resource would free most people."""
    from engine.desks import POLICIES
    from engine.readiness import assess_readiness
    from pages.terminal.readiness import readiness_page

    with opened(workspace) as deployment:
        report = assess_readiness(deployment, policies or (), day_of(on), remit=within(deployment, by, POLICIES))
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
    from engine.authoring.table_exchange import export_version

    with opened(workspace) as deployment:
        number = export_version(deployment, policy, version, to)
    say(f"{policy} version {number}: {to}")


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
    from engine.authoring.table_exchange import import_tables
    from pages.terminal.rules import import_summary

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
    from engine.authoring.guide import guides
    from engine.authoring.rule_files import put_pages
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
    by: Annotated[str, typer.Option(help="Who looks at the case; the look is recorded.")] = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Turn a real case, masked, into a worked example, and print it or append it to the file."""
    from engine.authoring.casework import add_case, work_case
    from pages.terminal.rules import masking_line

    day = on.date() if on else None
    with opened(workspace) as deployment:
        case = work_case(deployment, subject, policy, version, on=day, name=name, by=by)
        path = add_case(deployment, case) if add else None
    out.print(case.block, end="", soft_wrap=True)
    err.print(masking_line(case.coarsened, case.moved), soft_wrap=True)
    if path is not None:
        say(f"appended to {path}", to=err)
