"""What every test run shares: repeatable random input, golden files, and an honest account of skips."""

import os

import pytest
from hypothesis import settings

# `repeatable` is what everyone runs; `--hypothesis-profile=searching` looks for new counterexamples.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None, max_examples=60)
settings.register_profile("searching", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile("repeatable")

for variable in [name for name in os.environ if name.startswith("MIANSHEN_")]:
    del os.environ[variable]  # a developer's own workspace and keys are not for tests

os.environ["MIANSHEN_LANG"] = "en"  # findings are compared as they are made, whatever this machine speaks

NO_SKIP = bool(os.environ.get("TESTS_NO_SKIP"))  # `.ci/run` sets it: there, a skip is a failure


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the only way to rewrite expected output."""
    parser.addoption("--update-golden", action="store_true", help="write expected output anew; read the diff")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Say whether expected output is to be written anew."""
    return bool(request.config.getoption("--update-golden"))


def skipped_because(config: pytest.Config) -> dict[str, int]:
    """Return how many tests were skipped, by the reason they gave."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reasons: dict[str, int] = {}
    for report in reporter.stats.get("skipped", []) if reporter else []:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        reasons[reason] = reasons.get(reason, 0) + 1
    return reasons


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """List what was skipped and, as each reason says, how to get it."""
    reasons = skipped_because(config)
    if reasons:
        terminalreporter.section("not run: " + ("here that is a failure" if NO_SKIP else "this is missing here"))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count:4} × {reason}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that skipped something where nothing may be skipped."""
    if NO_SKIP and skipped_because(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
