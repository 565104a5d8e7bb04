"""Officers at the desk, each with a browser of their own, over a small world."""

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from starlette.testclient import TestClient

from core.roles import Role, Scope
from core.settings import Access
from engine.deployment import Deployment
from engine.errands.runner import take_and_carry_out
from pages.web.app import create_app
from pages.web.console.asking import PLACE as ERRANDS
from store.accounts import add_account
from store.roles import Post, grant_role
from tests.engine.overpayments.stage import on
from tests.world import World

PASSWORD = "a-password-for-tests"
CHEAP = (2**4, 8, 1)  # a password that is quick to check


def carry_out_all(deployment: Deployment) -> None:
    """Carry out what waits, as a server does beside its pages."""
    while take_and_carry_out(deployment):
        pass


@contextmanager
def carried_out_beside(deployment: Deployment) -> Iterator[None]:
    """Carry out what is asked for while the work in the block goes on, by the world's own clock."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            carry_out_all(deployment)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


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

    def appoint(self, name: str, role: Role, scope: str) -> None:
        """Let somebody more come to the desk, with a role over something."""
        parsed = Scope.parse(scope)
        assert parsed is not None
        self.browsers[name] = self._stack.enter_context(TestClient(create_app(self.world.deployment)))
        with self.world.store.writing() as tx:
            add_account(tx, name, PASSWORD, subject_id=None, cost=CHEAP)
            grant_role(tx, Post(name, role, parsed), by="operator", reason="岗位")
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
        if answer.url.path.startswith(f"{ERRANDS}/"):
            carry_out_all(self.world.deployment)
            answer = browser.get(answer.url.path)
        assert answer.status_code == status, answer.text
        return answer.text

    def close(self) -> None:
        """Close every browser."""
        self._stack.close()
