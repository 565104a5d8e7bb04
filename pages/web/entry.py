"""How somebody comes in and leaves: login, showing again who one is, for whom one acts, and how pages read."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import Response

from pages.web.guard import Guard
from pages.web.routes import For, Route, deed, page
from pages.web.visits import SENIOR, Visit, missing
from store.accounts import Account, check_password
from store.sessions import LASTS, Login, end_session, open_session, renew_session
from store.states import LoginWay

_WRONG: Final = 401
_SENIOR_SECONDS: Final = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Entry:
    """The views of coming in and leaving."""

    guard: Guard

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            page("/login", self.ask, For.EVERYBODY),
            deed("/login", self.log_in, For.EVERYBODY),
            deed("/logout", self.log_out, For.PERSON),
            page("/confirm", self.ask_again, For.PERSON),
            deed("/confirm", self.confirm, For.PERSON),
            deed("/act-for", self.act_for, For.SUBJECT),
            deed("/reading", self.change_reading, For.EVERYBODY),
        ]

    def ask(self, visit: Visit) -> Response:
        """Ask who is there."""
        return visit.page("login.html", has_failed=False, next=_inside(visit.asked("next")))

    def log_in(self, visit: Visit) -> Response:
        """Begin a session, or ask again; a wrong name and a wrong password look alike."""
        account = self._account(visit, visit.given("login"))
        if account is None:
            next_page = _inside(visit.given("next"))
            return visit.page("login.html", status_code=_WRONG, has_failed=True, next=next_page)
        subjects = () if account.subject_id is None else (account.subject_id,)
        login = Login(account.login_name, LoginWay.LOCAL, subjects, self._greeting(visit, account))
        with visit.deployment.store.writing() as tx:
            token = open_session(tx, visit.deployment.seals, login)
        home = "/" if subjects else "/console"
        return self._with_token(visit.go(_inside(visit.given("next")) or home), token)

    def log_out(self, visit: Visit) -> Response:
        """End the session, here and in the browser."""
        assert visit.who is not None
        with visit.deployment.store.writing() as tx:
            end_session(tx, visit.who.session)
        response = visit.go("/login")
        response.delete_cookie(self.guard.cookie, httponly=True, samesite="lax", secure=self.guard.is_secure)
        return response

    def ask_again(self, visit: Visit) -> Response:
        """Ask who is there once more, before something that cannot be taken back."""
        return visit.page("confirm.html", has_failed=False, next=_inside(visit.asked("next")))

    def confirm(self, visit: Visit) -> Response:
        """Go on under a new token where the password is right."""
        assert visit.who is not None
        next_page = _inside(visit.given("next"))
        if self._account(visit, visit.by) is None:
            return visit.page("confirm.html", status_code=_WRONG, has_failed=True, next=next_page)
        with visit.deployment.store.writing() as tx:
            token = renew_session(tx, visit.deployment.seals, visit.who.session, is_confirmed=True)
        return self._with_token(visit.go(next_page or "/"), token)

    def act_for(self, visit: Visit) -> Response:
        """Read and act for another of the session's own subjects from now on."""
        assert visit.who is not None
        chosen = visit.given("subject")
        if chosen not in visit.who.session.subject_ids:
            raise missing()
        with visit.deployment.store.writing() as tx:
            token = renew_session(tx, visit.deployment.seals, visit.who.session, subject_id=chosen)
        return self._with_token(visit.go("/"), token)

    @staticmethod
    def change_reading(visit: Visit) -> Response:
        """Turn 长者模式 on or off; no more than how this browser shows pages."""
        response = visit.go(_inside(visit.given("next")) or "/")
        if visit.request.cookies.get(SENIOR):
            response.delete_cookie(SENIOR)
        else:
            response.set_cookie(SENIOR, "1", max_age=_SENIOR_SECONDS, httponly=True, samesite="lax")
        return response

    @staticmethod
    def _account(visit: Visit, login_name: str) -> Account | None:
        with visit.deployment.store.writing() as tx:
            return check_password(tx, login_name, str(visit.form.get("password", "")))

    @staticmethod
    def _greeting(visit: Visit, account: Account) -> str:
        if account.subject_id is None:
            return account.login_name
        contact = visit.deployment.book("login").contacts([account.subject_id]).get(account.subject_id)
        return contact.greeting if contact else account.login_name

    def _with_token(self, response: Response, token: str) -> Response:
        response.set_cookie(
            self.guard.cookie,
            token,
            max_age=int(LASTS.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=self.guard.is_secure,
        )
        return response


def _inside(path: str) -> str:
    """Return a path of these pages, or `""`: nobody is sent to another host by a link to the login."""
    parts = urlsplit(path)
    is_inside = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return parts.path if is_inside else ""
