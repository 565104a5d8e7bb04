"""Revisions of our own database, oldest first under `versions/`; `store.migrating` runs them.

A new one is drafted from what the tables say by now, then read and shortened by hand:

    python -m tests.store.draft_revision "What is true after it"

A published revision is never edited; `tests/repo/migrations.sha256` keeps its digest.
"""
