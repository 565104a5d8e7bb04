"""`mianshen run`, `schedule`, `replay`, `explain` and `match`: nights, and what they decided."""

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated

import typer

from commands.engines import Engine, EngineName, MasterAddress, SparkSettings, cluster_of, matching_on
from commands.terminal import HERE, USER, By, WorkspaceDir, day_of, err, opened, out, progress, show
from core.errors import EXIT_FINDINGS, EXIT_UNKNOWN

app = typer.Typer()


@app.command()
def run(
    as_of: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The business date.")] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compute everything, write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    accept: Annotated[list[str] | None, typer.Option(help="A policy that may go beyond its guard this night.")] = None,
    strict: Annotated[bool, typer.Option(help="Exit 4 where some outcome is unknown.")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="Look at every period again, changed or not.")] = False,
    engine: EngineName = Engine.LOCAL,
    master: MasterAddress = None,
    conf: SparkSettings = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Run the night of a business date: match everyone, work out what is due, open items, notices and batches."""
    from engine.run import NightOptions
    from engine.telling import run_and_tell
    from pages.terminal.nights import night_summary

    cluster = cluster_of(engine, master, conf)
    with opened(workspace) as deployment, progress() as said, matching_on(cluster) as matching:
        options = NightOptions(
            is_dry_run=dry_run, accepted=frozenset(accept or ()), by=by, matching=matching, is_whole=whole
        )
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
def explain(
    subject: Annotated[str, typer.Argument(help="An opaque id, or an official number.")],
    policy: Annotated[str | None, typer.Argument(help="One policy; none: all for this kind of subject.")] = None,
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day asked about.")] = None,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Explain a subject's outcomes: each condition with value, source and date; what fails or is unknown first."""
    from engine.explaining.explain import explain_subject
    from pages.terminal.explain import explanation

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
    from engine.replaying.replay import EXIT_OF, replay_run
    from engine.replaying.replay_subject import replay_subject
    from pages.terminal.replay import replay_summary, subject_replay

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
def schedule(
    *,
    engine: EngineName = Engine.LOCAL,
    master: MasterAddress = None,
    conf: SparkSettings = None,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Run every night at its hour, and once more for what was missed, until stopped."""
    import signal

    from engine.schedule import build_scheduler, stop

    cluster = cluster_of(engine, master, conf)
    if cluster is not None:
        from engine.spark.cluster import check_ready

        check_ready(cluster)  # now, and not in the middle of the night
    with opened(workspace) as deployment:
        scheduler = build_scheduler(deployment, err.print, lambda: matching_on(cluster))
        for told in (signal.SIGINT, signal.SIGTERM):
            signal.signal(told, lambda *_: stop(scheduler))
        err.print(f"a night at {deployment.workspace.settings.run_hour:02d}:00 Asia/Shanghai; stop with Ctrl-C")
        scheduler.start()


@app.command()
def prepare(
    *,
    profiles: Annotated[Path, typer.Option(help="A Parquet file: `subject_id` and columns by attribute code.")],
    to: Annotated[Path, typer.Option("--out", help="The Parquet file to write.")],
) -> None:
    """Write a frame anew as `match` reads it best: texts as dictionaries, numbers narrow, subjects in order."""
    from engine.preparing import prepare_file

    told = prepare_file(profiles, to)
    out.print(
        f"{to.name}: {told.subject_count:,} subjects, {told.column_count} columns, "
        f"{told.dictionary_count} of them dictionaries, {told.narrowed_count} narrower numbers"
    )


@app.command()
def match(
    *,
    profiles: Annotated[
        str, typer.Option(help="Parquet, a file or a folder: `subject_id` and columns by attribute code.")
    ],
    catalogue: Annotated[Path, typer.Option(help="The catalogue's folder.")],
    policies: Annotated[Path, typer.Option(help="The folder of rule versions.")],
    on: Annotated[dt.datetime, typer.Option(formats=["%Y-%m-%d"], help="The day asked about.")],
    to: Annotated[str, typer.Option("--out", help="The Parquet file to write; of an address, a folder of parts.")],
    subject: Annotated[str | None, typer.Option(help="One subject alone, by its `subject_id`.")] = None,
    whole: Annotated[bool, typer.Option("--all", help="Every row, also those not met.")] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Ask each policy by itself, to compare: slower, the same.")
    ] = False,
    engine: EngineName = Engine.LOCAL,
    master: MasterAddress = None,
    conf: SparkSettings = None,
) -> None:
    """Match a prepared frame against rule versions, with the night's own matcher, here or on Spark."""
    from engine.prepared import match_file, read_match
    from engine.prepared_frames import check_paths

    cluster = cluster_of(engine, master, conf)
    if whole and plain:
        raise typer.BadParameter("--all asks each policy by itself already; leave out --plain")
    if subject is not None and cluster is not None:
        raise typer.BadParameter("--subject reads a row on this machine; leave out --engine spark")
    asked = read_match(catalogue, policies, on.date())
    if cluster is None:
        check_paths(profiles, to)
        counts = match_file(Path(profiles), asked, out=Path(to), subject_id=subject, is_whole=whole, is_plain=plain)
    else:
        from engine.spark.cluster import spark_session
        from engine.spark.prepared import match_on_spark

        with progress("starting Spark"), spark_session(cluster) as spark:
            counts = match_on_spark(spark, profiles, asked, out=to, is_whole=whole, is_plain=plain)
    for policy, outcomes in counts.items():
        told = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items()))
        out.print(f"{policy}: {told or 'nobody'}")
