"""A migration that was published is never edited: databases out there have run it."""

import hashlib
from pathlib import Path

from tests.repo.repository import ROOT, files, name

VERSIONS = "store/migrations/versions/"
PUBLISHED = Path(__file__).parent / "migrations.sha256"


def test_published_migrations_are_unchanged() -> None:
    """Every migration has the bytes that tests/repo/migrations.sha256 records, and every record its file."""
    present = {
        name(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files()
        if name(path).startswith(VERSIONS) and path.suffix == ".py"
    }
    recorded = {path: digest for digest, path in (line.split() for line in PUBLISHED.read_text("utf-8").splitlines())}

    new = sorted(present.keys() - recorded.keys())
    assert new == [], f"add with: sha256sum {' '.join(new)} >> {PUBLISHED.relative_to(ROOT)}"
    assert sorted(recorded.keys() - present.keys()) == [], "a published migration is gone"
    assert present == recorded, "write a new migration instead of editing one"
