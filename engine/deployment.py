"""A workspace that is open: its folder, its database, its keys, its calendar, and the clock it goes by."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from core.clock import Clock
from core.latest import Latest
from core.workspace import Workspace, open_workspace
from delivery.messages import Templates
from delivery.notice_templates import read_templates
from delivery.receiving import Ranks
from delivery.routes import Routes, routes_of
from delivery.vault_books import VaultBook
from delivery.working_days import WorkingDays, read_working_days
from profiles.catalogue import Catalogue
from profiles.catalogue_reading import read_catalogue
from profiles.identity import Seals
from store.audit_chain import Digest
from store.gate import Gate
from store.merges import same_subject
from store.opening import Store, Writing, open_store
from store.row_security import Whose

_READ_ONCE = ("catalogue", "seals", "calendar", "templates", "last_night")


@dataclass(frozen=True)
class Deployment:
    """Everything that a command or a page works with; each part is read when it is first needed."""

    workspace: Workspace
    store: Store
    clock: Clock
    login: str | None = None  # who is logged in, where somebody knows; None: names are taken as they are given

    @cached_property
    def catalogue(self) -> Catalogue:
        """Return the vocabulary as its files stand now."""
        return read_catalogue(self.workspace.catalogue)

    @cached_property
    def seals(self) -> Seals:
        """Return what seals and opens the vault."""
        return Seals(self.workspace.keys(), self.workspace.settings.crypto.suite)

    @cached_property
    def calendar(self) -> WorkingDays:
        """Return the days on which banks and offices work, by the workspace's own table too.

        Fails: DeliveryError where that is not in order.
        """
        path = self.workspace.holidays
        return read_working_days(path, name=path.name) if path.exists() else WorkingDays()

    @cached_property
    def templates(self) -> Templates:
        """Return the letters: the workspace's own above the shipped ones.

        Fails: DeliveryError where one cannot be filled.
        """
        sms = self.workspace.settings.channels.sms
        return read_templates(self.workspace.letters, may_link=sms is not None and sms.links)

    @cached_property
    def last_night(self) -> Latest[Any]:
        """Return what pages keep of the last night for the next page: by the night, so that it is never an older one's."""
        return Latest()

    @property
    def routes(self) -> Routes:
        """Return over which channels each kind of subject is told."""
        return routes_of(self.workspace.settings)

    def acting_as(self, login: str) -> "Deployment":
        """Return the same workspace for who is logged in now: roles and the store's gate go by that name."""
        gate = None if self.store.gate is None else Gate(login)
        return self._once_read(replace(self, login=login, store=replace(self.store, gate=gate)))

    def speaking_for(self, subject_id: str) -> "Deployment":
        """Return the same workspace as a subject's own pages see it.

        Where the settings name a role of the database, PostgreSQL gives them no row of anybody else, whatever is asked.
        """
        role = self.workspace.settings.web.database_role
        if role is None:
            return self
        with self.store.reading() as rx:
            whose = Whose(role, same_subject(rx, subject_id))
        return self._once_read(replace(self, store=replace(self.store, whose=whose)))

    def keeping(self, keep: Callable[[Writing], None]) -> "Deployment":
        """Return the same workspace, of which each transaction keeps something more as the last thing that it does."""
        own = self.store.gate

        def gate(tx: Writing) -> None:
            if own is not None:
                own(tx)
            keep(tx)

        return self._once_read(replace(self, store=replace(self.store, gate=gate)))

    def _once_read(self, made: "Deployment") -> "Deployment":
        read: dict[str, object] = {name: getattr(self, name) for name in _READ_ONCE}
        vars(made).update(read)  # and not again for everybody who comes
        return made

    def book(self, by: str) -> VaultBook:
        """Return the vault as paying and telling open it, in somebody's name."""
        return VaultBook(self.store, self.seals, by, ranks=Ranks.of_catalogue(self.catalogue))


@contextmanager
def deployed(root: Path, clock: Clock, *, login: str | None = None) -> Iterator[Deployment]:
    """Open a workspace and its database, for who is logged in; close the database at the end.

    Fails: RunError where the folder is no workspace or its database cannot be opened.
    """
    workspace = open_workspace(root)
    settings = workspace.settings
    gate = Gate(login) if settings.access.roles == "required" else None
    with open_store(workspace.database_url, clock=clock, digest=Digest.of_suite(settings.crypto.suite)) as store:
        yield Deployment(workspace, replace(store, gate=gate), clock, login)
