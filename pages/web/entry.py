"""How somebody comes in and leaves: login, showing again who one is, for whom one acts, and how pages read.

Here stand local accounts; coming in by the government's identity provider is `pages.web.by_provider`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import Response

from core.languages import Language
from pages.language.choice import COOKIE, COOKIE_SECONDS
from pages.web.guard import Guard
from pages.web.kept import PLACE as KEPT
from pages.web.provider import IdentityProvider
from pages.web.routes import For, Route, deed, page
from pages.web.visits import SENIOR, Visit, missing
from store.accounts import Account, check_password
from store.sessions import LASTS, Login, end_session, id_token_of, open_session, renew_session
from store.states.entry import LoginWay

_OK, _WRONG = 200, 401
_SENIOR_SECONDS: Final = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Entry:
    """The views of coming in and leaving."""

    guard: Guard
    provider: IdentityProvider | None = None

    def routes(self) -> list[Route]:
        """Return the routes."""
        by_name = [
            deed("/login", self.log_in, For.EVERYBODY),
            deed("/confirm", self.confirm, For.PERSON),
        ]
        return [
            page("/login", self.ask, For.EVERYBODY),
            *(by_name if self.guard.web.local_accounts else ()),
            deed("/logout", self.log_out, For.PERSON),
            page("/confirm", self.ask_again, For.PERSON),
            page(KEPT, self.go_on, For.PERSON),
            page("/act-for", self.ask_for_whom, For.PERSON),
            deed("/act-for", self.act_for, For.PERSON),
            deed("/reading", self.change_reading, For.EVERYBODY),
            deed("/language", self.change_language, For.EVERYBODY),
        ]

    def ask(self, visit: Visit) -> Response:
        """Ask who is there."""
        return self._login_page(visit, inside(visit.asked("next")))

    def log_in(self, visit: Visit) -> Response:
        """Begin a session, or ask again; a wrong name and a wrong password look alike."""
        account = self._account(visit, visit.given("login"))
        if account is None:
            return self._login_page(visit, inside(visit.given("next")), has_failed=True)
        subjects = () if account.subject_id is None else (account.subject_id,)
        greeting = greetings(visit, subjects).get(subjects[0], account.login_name) if subjects else account.login_name
        login = Login(account.login_name, LoginWay.LOCAL, subjects, greeting)
        return self.let_in(visit, login, inside(visit.given("next")))

    def let_in(self, visit: Visit, login: Login, next_page: str) -> Response:
        """Begin a session; whoever may act for several says first for which."""
        with visit.deployment.store.writing() as tx:
            token = open_session(tx, visit.deployment.seals, login)
        if len(login.subject_ids) > 1:
            return self.with_token(visit.go("/act-for", next=next_page), token)
        return self.with_token(visit.go(next_page or ("/" if login.subject_ids else "/console")), token)

    def log_out(self, visit: Visit) -> Response:
        """End the session, here and in the browser, and lead on to where the provider ends its own."""
        assert visit.who is not None
        with visit.deployment.store.writing() as tx:
            id_token = id_token_of(tx, visit.deployment.seals, visit.who.session)
            end_session(tx, visit.who.session)
        response = self._left(visit, id_token) if visit.who.session.way is LoginWay.OIDC else visit.go("/login")
        response.delete_cookie(self.guard.cookie, httponly=True, samesite="lax", secure=self.guard.is_secure)
        return response

    def _left(self, visit: Visit, id_token: str) -> Response:
        """Return a page that leads on to the provider: a form's answer may not send a browser to another host."""
        back_to = f"{self.guard.web.address.rstrip('/')}/login"
        address = self.provider.leave_address(back_to, id_token) if self.provider else None
        if address is None:
            return visit.go("/login")
        visit.who = None
        return visit.page(
            "logged_out.html", address=address, provider=self.guard.web.oidc and self.guard.web.oidc.label
        )

    def ask_again(self, visit: Visit) -> Response:
        """Ask who is there once more, before something that cannot be taken back."""
        return self._confirm_page(visit, inside(visit.asked("next")))

    def go_on(self, visit: Visit) -> Response:
        """Offer what was to be done before somebody showed again who they are; nothing is done by itself."""
        response = visit.page("kept.html", kept=self.guard.keeping.form(visit))
        self.guard.keeping.forget(response)
        return response

    def confirm(self, visit: Visit) -> Response:
        """Go on under a new token where the password is right."""
        assert visit.who is not None
        next_page = inside(visit.given("next"))
        if visit.who.session.way is not LoginWay.LOCAL:
            raise missing()
        if self._account(visit, visit.by) is None:
            return self._confirm_page(visit, next_page, has_failed=True)
        with visit.deployment.store.writing() as tx:
            token = renew_session(tx, visit.deployment.seals, visit.who.session, is_confirmed=True)
        return self.with_token(visit.go(next_page or "/"), token)

    @staticmethod
    def ask_for_whom(visit: Visit) -> Response:
        """Ask for which of the session's own subjects it reads and acts."""
        assert visit.who is not None
        if not visit.who.session.subject_ids:
            raise missing()
        names = greetings(visit, visit.who.session.subject_ids)
        return visit.page("act_for.html", names=names, next=inside(visit.asked("next")))

    def act_for(self, visit: Visit) -> Response:
        """Read and act for another of the session's own subjects from now on."""
        assert visit.who is not None
        chosen = visit.given("subject")
        if chosen not in visit.who.session.subject_ids:
            raise missing()
        greeting = greetings(visit, [chosen]).get(chosen)
        with visit.deployment.store.writing() as tx:
            token = renew_session(tx, visit.deployment.seals, visit.who.session, subject_id=chosen, shown_as=greeting)
        return self.with_token(visit.go(inside(visit.given("next")) or "/"), token)

    @staticmethod
    def change_reading(visit: Visit) -> Response:
        """Turn 长者模式 on or off; no more than how this browser shows pages."""
        response = visit.go(inside(visit.given("next")) or "/")
        if visit.request.cookies.get(SENIOR):
            response.delete_cookie(SENIOR)
        else:
            response.set_cookie(SENIOR, "1", max_age=_SENIOR_SECONDS, httponly=True, samesite="lax")
        return response

    @staticmethod
    def change_language(visit: Visit) -> Response:
        """Show pages in another language, in this browser."""
        if visit.given("language") not in set(Language):
            raise missing()
        response = visit.go(inside(visit.given("next")) or "/")
        response.set_cookie(COOKIE, visit.given("language"), max_age=COOKIE_SECONDS, httponly=True, samesite="lax")
        return response

    @staticmethod
    def _account(visit: Visit, login_name: str) -> Account | None:
        return check_password(visit.deployment.store, login_name, str(visit.form.get("password", "")))

    def _login_page(self, visit: Visit, next_page: str, *, has_failed: bool = False) -> Response:
        return visit.page(
            "login.html",
            status_code=_WRONG if has_failed else _OK,
            has_failed=has_failed,
            next=next_page,
            provider=self.guard.web.oidc,
            has_local=self.guard.web.local_accounts,
        )

    @staticmethod
    def _confirm_page(visit: Visit, next_page: str, *, has_failed: bool = False) -> Response:
        assert visit.who is not None
        is_local, is_lost = (
            visit.who.session.way is LoginWay.LOCAL,
            "lost" in (visit.asked("typed"), visit.given("typed")),
        )
        status = _WRONG if has_failed else _OK
        return visit.page(
            "confirm.html",
            status_code=status,
            has_failed=has_failed,
            is_local=is_local,
            is_lost=is_lost,
            next=next_page,
        )

    def with_token(self, response: Response, token: str) -> Response:
        """Give the browser a session's token."""
        response.set_cookie(
            self.guard.cookie,
            token,
            max_age=int(LASTS.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=self.guard.is_secure,
        )
        return response


def greetings(visit: Visit, subject_ids: Sequence[str]) -> dict[str, str]:
    """Return how pages greet subjects, of those whose name is known."""
    contacts = visit.deployment.book("login").contacts(subject_ids) if subject_ids else {}
    return {subject_id: contact.greeting for subject_id, contact in contacts.items()}


def inside(path: str) -> str:
    """Return a path of these pages, or `""`: nobody is sent to another host by a link to the login."""
    parts = urlsplit(path)
    is_inside = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return parts.path if is_inside else ""
