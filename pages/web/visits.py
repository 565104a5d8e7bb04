"""One request as a view sees it: who is there, for whom, what was asked, and how to answer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from core.findings import Finding
from core.languages import in_language
from core.remits import Remit
from engine.deployment import Deployment
from pages.language.choice import COOKIE, SPOKEN, language_read
from pages.language.sentences import as_sentences
from pages.language.translating import Words, words_in
from pages.web.rendering import Rendering
from store.sessions import SessionRecord

SENIOR: Final = "senior"  # the cookie of 长者模式
NOT_FOUND: Final = 404
_SEE_OTHER: Final = 303


@dataclass(frozen=True, slots=True)
class Who:
    """Who is there; `form_token` stands in every form of the session."""

    session: SessionRecord
    greeting: str
    form_token: str

    @property
    def login_name(self) -> str:
        """Return the name under which they act."""
        return self.session.login_name


@dataclass(slots=True)
class Visit:
    """A request that was let through; `deployment` acts in the name of who is there.

    `remit` is what an officer's roles reach on this route: lists, counts and sums are cut down to it.
    """

    request: Request
    deployment: Deployment
    rendering: Rendering
    who: Who | None
    remit: Remit = field(default_factory=Remit)
    form: FormData = field(default_factory=FormData)

    @property
    def subject_id(self) -> str:
        """Return for whom the session reads and acts: from the session, never from the address.

        Expects: the route is for a subject.
        """
        assert self.who is not None
        assert self.who.session.subject_id is not None
        return self.who.session.subject_id

    @property
    def by(self) -> str:
        """Return who does something; expects that somebody is there."""
        assert self.who is not None
        return self.who.login_name

    @property
    def words(self) -> Words:
        """Return the words of the language that who is there reads."""
        return words_in(language_read(self.request.cookies.get(COOKIE), self.request.headers.get("accept-language")))

    def said(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return findings in the language of the page."""
        if self.words.is_english:
            return as_sentences(findings, self.words)
        return [in_language(each, self.words.language) for each in findings]

    def named(self, name: str) -> str:
        """Return a part of the address."""
        return _text(str(self.request.path_params[name]))

    def asked(self, name: str) -> str:
        """Return a word of the query, or `""`."""
        return _text(self.request.query_params.get(name, "").strip())

    def given(self, name: str) -> str:
        """Return a field of the form, or `""`."""
        value = self.form.get(name, "")
        return "" if isinstance(value, UploadFile) else _text(value.strip())

    def page(self, template: str, *, status_code: int = 200, **values: object) -> HTMLResponse:
        """Answer with a page."""
        language = self.words.language
        settled: dict[str, object] = {
            "language": SPOKEN[language],
            "other": next(spoken for each, spoken in SPOKEN.items() if each is not language),
            "who": self.who,
            "is_senior": bool(self.request.cookies.get(SENIOR)),
            "path": self.request.url.path,
        }
        return HTMLResponse(self.rendering.fill(template, language, **settled | values), status_code=status_code)

    def say(self, path: str, said: str, /, **values: object) -> RedirectResponse:
        """Answer a form by a page that says what came of it: a message, with its values."""
        return self.go(path, done=self.words(said, **values))

    @staticmethod
    def go(path: str, **words: str) -> RedirectResponse:
        """Answer a form: the browser reads a page next, so that going back sends nothing twice."""
        query = "&".join(f"{name}={quote(value)}" for name, value in words.items())
        return RedirectResponse(f"{path}?{query}" if query else path, status_code=_SEE_OTHER)


def missing() -> HTTPException:
    """Return what is raised for something that is missing, or not for who is there: both look alike."""
    return HTTPException(NOT_FOUND)


def _text(words: str) -> str:
    """Return words as they came; those with a sign that no database keeps as text ask for something that is missing."""
    if "\x00" in words:
        raise missing()
    return words
