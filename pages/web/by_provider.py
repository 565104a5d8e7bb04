"""Coming in by the government's identity provider: leaving for it, and what becomes of whoever comes back.

What the browser has to bring back is sealed into a cookie of its own for a few minutes. An enterprise or a person is found by
the number that the provider states, an officer by their login name; whoever is both at once is asked to come in as one.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl
from starlette.responses import RedirectResponse, Response

from core.errors import RunError
from pages.web.entry import Entry, greetings, inside
from pages.web.guard import Guard
from pages.web.provider import ATTEMPT_LASTS, IdentityProvider, LoginAttempt, LoginFault, Reason, Shown
from pages.web.routes import For, Route, page
from pages.web.visits import Visit
from profiles.numbers import normalise
from store.audit import record
from store.sessions import Login, renew_session
from store.states.entry import LoginWay
from store.vault_openings import look_up

CALLBACK: Final = "/login/callback"
_SEE_OTHER: Final = 303
_NAME_MAX: Final = 100
_NUMBERS_MAX: Final = 1_000  # whom one agent may act for
_BOUND_TO: Final = "login attempt"
_STATUS: Final = {Reason.UNREACHABLE: 503, Reason.UNKNOWN: 403, Reason.TWO_CAPACITIES: 403, Reason.OTHER_PERSON: 403}
_REFUSED: Final = 401


@dataclass(frozen=True, slots=True)
class ByProvider:
    """The views of coming in by a provider."""

    entry: Entry
    provider: IdentityProvider

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            page("/login/provider", self.leave, For.EVERYBODY, is_costly=True),
            page("/confirm/provider", self.leave_to_confirm, For.PERSON, is_costly=True),
            page(CALLBACK, self.come_back, For.EVERYBODY, is_costly=True),
        ]

    def leave(self, visit: Visit) -> Response:
        """Send the browser to the provider."""
        return self._sent(visit, None)

    def leave_to_confirm(self, visit: Visit) -> Response:
        """Send the browser to the provider, which asks anew who is there."""
        assert visit.who is not None
        return self._sent(visit, visit.who.session.token_digest)

    def come_back(self, visit: Visit) -> Response:
        """Begin a session for whoever the provider says is there, or say why not."""
        try:
            attempt = self._attempt(visit)
            answer = {name: visit.asked(name) for name in visit.request.query_params}
            shown = self.provider.shown(attempt, answer, visit.deployment.clock.now())
            login = replace(self._login(visit, shown.claims), id_token=self._hint(visit, shown))
            response = (
                self._confirmed(visit, attempt, login)
                if attempt.confirms
                else self.entry.let_in(visit, login, attempt.next_page)
            )
        except LoginFault as fault:
            response = self._failed(visit, fault)
        response.delete_cookie(self._cookie, httponly=True, samesite="lax", secure=self.entry.guard.is_secure)
        return response

    def _sent(self, visit: Visit, confirms: str | None) -> Response:
        attempt = LoginAttempt.begun(visit.deployment.clock.now(), inside(visit.asked("next")), confirms)
        try:
            response = RedirectResponse(self.provider.address(attempt), status_code=_SEE_OTHER)
        except LoginFault as fault:
            return self._failed(visit, fault)
        sealed = visit.deployment.seals.seal_bytes(attempt.text().encode(), bound_to=_BOUND_TO)
        response.set_cookie(
            self._cookie,
            base64.urlsafe_b64encode(sealed).decode(),
            max_age=int(ATTEMPT_LASTS.total_seconds()),
            httponly=True,
            samesite="lax",  # the provider leads back from another site
            secure=self.entry.guard.is_secure,
        )
        return response

    @property
    def _cookie(self) -> str:
        return f"{self.entry.guard.cookie}-attempt"

    def _attempt(self, visit: Visit) -> LoginAttempt:
        """Return what this browser left with.

        Fails: LoginFault where it never left, or too long ago.
        """
        try:
            sealed = base64.urlsafe_b64decode(visit.request.cookies.get(self._cookie, ""))
            text = visit.deployment.seals.open_bytes(sealed, bound_to=_BOUND_TO, place="login").decode()
            attempt = LoginAttempt.of_text(text)
        except (RunError, ValueError, TypeError, IndexError, binascii.Error):
            raise LoginFault(Reason.STALE) from None
        if not attempt.goes_on(visit.deployment.clock.now()):
            raise LoginFault(Reason.STALE)
        return attempt

    def _login(self, visit: Visit, claims: Mapping[str, Any]) -> Login:
        """Return who is there.

        Fails: LoginFault where nobody here is meant.
        """
        name = _officer_name(claims, self.provider.settings.officer)
        has_number = any(_numbers(claims, claim) for claim in self.provider.settings.subjects.values())
        if name and has_number:
            raise LoginFault(Reason.TWO_CAPACITIES)
        if name:
            return Login(name, LoginWay.OIDC, (), name)
        subjects = self._subjects(visit, claims)
        if not subjects:
            with visit.deployment.store.writing() as tx:
                record(tx, "access.refused", by="oidc", about="login", said={"wanted": "session.began"})
            raise LoginFault(Reason.UNKNOWN)
        greeting = greetings(visit, subjects[:1]).get(subjects[0], "")
        # a provider may name people by their citizen number: what stands here in the open says nothing
        index = visit.deployment.seals.blind_index("login", f"{self.provider.settings.issuer} {claims['sub']}")
        return Login(f"oidc:{index.hex()[:32]}", LoginWay.OIDC, subjects, greeting)

    def _hint(self, visit: Visit, shown: Shown) -> str:
        """Return the ID token that is given back to the provider in an address, where people leave.

        A citizen's number stands in no address and in no browser's history: of a token that states anything but
        credit codes, which are public, nothing is kept.
        """
        kinds = visit.deployment.catalogue.kinds
        stated = [kind for kind, claim in self.provider.settings.subjects.items() if _numbers(shown.claims, claim)]
        is_public = all(kind in kinds and kinds[kind].number == "uscc" for kind in stated)
        return shown.id_token if is_public else ""

    def _subjects(self, visit: Visit, claims: Mapping[str, Any]) -> tuple[str, ...]:
        kinds = visit.deployment.catalogue.kinds
        found: set[str] = set()
        with visit.deployment.store.reading() as rx:
            for kind, claim in self.provider.settings.subjects.items():
                if kind not in kinds:
                    continue
                numbers = normalise(pl.Series(_numbers(claims, claim), dtype=pl.String), kinds[kind].number)
                known = (look_up(rx, visit.deployment.seals, kind, number) for number in numbers.drop_nulls())
                found |= {subject_id for subject_id in known if subject_id is not None}
        return tuple(sorted(found))

    def _confirmed(self, visit: Visit, attempt: LoginAttempt, login: Login) -> Response:
        """Go on with the session that asked who is there, where it is the same person."""
        if visit.who is None or visit.who.session.token_digest != attempt.confirms:
            raise LoginFault(Reason.STALE)
        if visit.who.session.way is not LoginWay.OIDC or visit.by != login.login_name:
            raise LoginFault(Reason.OTHER_PERSON)
        with visit.deployment.store.writing() as tx:
            token = renew_session(
                tx, visit.deployment.seals, visit.who.session, is_confirmed=True, id_token=login.id_token
            )
        return self.entry.with_token(visit.go(attempt.next_page or "/"), token)

    def _failed(self, visit: Visit, fault: LoginFault) -> Response:
        return visit.page(
            "login_failed.html",
            status_code=_STATUS.get(fault.reason, _REFUSED),
            reason=fault.reason,
            provider=self.provider.settings.label,
        )


def entry_routes(guard: Guard) -> list[Route]:
    """Return the routes of coming in and leaving, by a provider too where the settings name one."""
    web = guard.web
    if web.oidc is None:
        return Entry(guard).routes()
    provider = IdentityProvider(web.oidc, web.address.rstrip("/") + CALLBACK)
    entry = Entry(guard, provider)
    return [*entry.routes(), *ByProvider(entry, provider).routes()]


def _officer_name(claims: Mapping[str, Any], claim: str | None) -> str:
    name = claims.get(claim, "") if claim else ""
    return name.strip() if isinstance(name, str) and len(name) <= _NAME_MAX and name.isprintable() else ""


def _numbers(claims: Mapping[str, Any], claim: str) -> list[str]:
    """Return the numbers that a claim holds, one or a list of them."""
    said = claims.get(claim)
    listed = said if isinstance(said, list) else [said]
    return [each for each in listed[:_NUMBERS_MAX] if isinstance(each, str) and each.strip()]
