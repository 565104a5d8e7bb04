"""What was typed before somebody had to show again who they are: sealed into the browser, and offered once they have.

Files are not kept, nor more than a cookie holds; then the page that asks says that it has to be typed again.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import UploadFile
from starlette.responses import Response

from core.errors import RunError
from pages.web.visits import Visit

PLACE: Final = "/confirm/kept"
KEPT_SECONDS: Final = 10 * 60
_BYTES_MAX: Final = 3_800  # browsers keep 4,096 with the name
_BOUND_TO: Final = "kept form"


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A deed that was not done yet: where it goes, and what was typed."""

    path: str
    fields: Sequence[tuple[str, str]]

    @property
    def page(self) -> str:
        """Return the page below which the deed stands."""
        return self.path.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Keeping:
    """Keeps a form in a cookie of its own, beside that of the session."""

    session_cookie: str
    is_secure: bool

    @property
    def _cookie(self) -> str:
        return f"{self.session_cookie}-kept"

    def ask_again(self, visit: Visit) -> Response:
        """Ask who is there, and keep the form that was sent."""
        form = KeptForm(visit.request.url.path, [])
        fields = [(name, value) for name, value in visit.form.multi_items() if name != "token"]
        sealed = self._sealed(visit, [(name, value) for name, value in fields if isinstance(value, str)])
        if len(sealed) > _BYTES_MAX or any(isinstance(value, UploadFile) for _, value in fields):
            return visit.go("/confirm", next=form.page, typed="lost")
        response = visit.go("/confirm", next=PLACE)
        response.set_cookie(
            self._cookie, sealed, max_age=KEPT_SECONDS, httponly=True, samesite="lax", secure=self.is_secure
        )
        return response

    def form(self, visit: Visit) -> KeptForm | None:
        """Return the form that this person sent a while ago, or None."""
        try:
            sealed = base64.urlsafe_b64decode(visit.request.cookies.get(self._cookie, ""))
            text = visit.deployment.seals.open_bytes(sealed, bound_to=_BOUND_TO, place="form").decode()
        except (RunError, ValueError):
            return None
        kept = json.loads(text)
        is_own = kept["by"] == visit.by and visit.deployment.clock.now().timestamp() - kept["at"] <= KEPT_SECONDS
        return KeptForm(kept["path"], [(name, value) for name, value in kept["fields"]]) if is_own else None

    def forget(self, response: Response) -> None:
        """Take the form from the browser: it was shown."""
        response.delete_cookie(self._cookie, httponly=True, samesite="lax", secure=self.is_secure)

    @staticmethod
    def _sealed(visit: Visit, fields: Sequence[tuple[str, str]]) -> str:
        at = visit.deployment.clock.now().timestamp()
        text = json.dumps(
            {"path": visit.request.url.path, "by": visit.by, "at": at, "fields": fields}, ensure_ascii=False
        )
        return base64.urlsafe_b64encode(visit.deployment.seals.seal_bytes(text.encode(), bound_to=_BOUND_TO)).decode()
