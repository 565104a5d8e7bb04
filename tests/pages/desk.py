"""Officers at the desk, each with a browser of their own, over a small world."""

import re
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace

from starlette.testclient import TestClient

from core.roles import Role
from core.settings import Access
from pages.web.app import create_app
from store.accounts import add_account
from store.roles import Post, grant_role
from tests.engine.overpayments.stage import on
from tests.world import World

PASSWORD = "a-password-for-tests"
CHEAP = (2**4, 8, 1)  # a password that is quick to check


def _appoint(world: World, posts: Mapping[str, Role]) -> None:
    workspace = world.deployment.workspace
    settings = workspace.settings.model_copy(update={"access": Access(roles="required")})
    world.deployment = replace(world.deployment, workspace=replace(workspace, settings=settings))
    with world.store.writing() as tx:
        for name, role in posts.items():
            grant_role(tx, Post(name, role), by="operator", reason="岗位")


class Desk:
    """Sends what officers send, and returns what they see."""

    def __init__(self, world: World, names: Iterable[str], posts: Mapping[str, Role] | None = None) -> None:
        """Give everybody an account; where somebody has a post, roles are required."""
        self.world, self._stack = world, ExitStack()
        if posts:
            _appoint(world, posts)
        self.browsers = {name: self._stack.enter_context(TestClient(create_app(world.deployment))) for name in names}
        with world.store.writing() as tx:
            for name in self.browsers:
                add_account(tx, name, PASSWORD, subject_id=None, cost=CHEAP)
        self.come_in()

    def come_in(self) -> None:
        """Let everybody log in, as after a day on which sessions ended."""
        for name, browser in self.browsers.items():
            answer = browser.post("/login", data={"login": name, "password": PASSWORD})
            assert answer.url.path == "/console"

    def on(self, date: str) -> None:
        """Let a day come, and everybody log in on it."""
        on(self.world, date)
        self.come_in()

    def read(self, name: str, path: str, status: int = 200) -> str:
        """Return a page."""
        answer = self.browsers[name].get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def do(self, name: str, path: str, /, **form: str) -> str:
        """Send a form and return the page that comes next."""
        return self._sent(name, path, form, 200)

    def refused(self, name: str, path: str, /, **form: str) -> str:
        """Send a form that is refused, and return what is said."""
        said = self._sent(name, path, form, 409)
        assert "什么都没有改变" in said
        return said

    def missing(self, name: str, path: str, /, **form: str) -> None:
        """Send a form that nobody is offered: it gets what a missing page gets."""
        self._sent(name, path, form, 404)

    def _sent(self, name: str, path: str, form: Mapping[str, str], status: int) -> str:
        browser = self.browsers[name]
        token = re.search(r'name="token" value="(\w+)"', browser.get("/console").text)
        assert token is not None
        answer = browser.post(path, data={"token": token[1], **form})
        assert answer.status_code == status, answer.text
        return answer.text

    def close(self) -> None:
        """Close every browser."""
        self._stack.close()
