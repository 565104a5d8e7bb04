"""What is wrong with a request of another system, as problem details (RFC 9457), without a word of what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from fastapi.responses import JSONResponse

from core.findings import Code, Finding, Place
from core.languages import Language, in_language

MEDIA_TYPE: Final = "application/problem+json"


class Problem(Exception):  # noqa: N818  # RFC 9457 calls it so
    """A request that is not taken in: with a status of HTTP, a code of the product and what it is."""

    def __init__(self, status: int, code: Code, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.code, self.detail, self.headers = status, code, detail, dict(headers or {})
        super().__init__(detail)

    def answer(self, language: Language = Language.ENGLISH, **more: Any) -> JSONResponse:  # noqa: ANN401  # JSON
        """Return it as it is said, with more where there is more to say."""
        finding = in_language(Finding(self.code, Place("request"), self.detail), language)
        said = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code.value,
            "detail": finding.message,
            **more,
        }
        headers = self.headers | {"Content-Language": language.value}
        return JSONResponse(said, self.status, media_type=MEDIA_TYPE, headers=headers)


@dataclass(frozen=True, slots=True)
class JsonBodies:
    """How long a body of JSON may be, and under which codes it is refused."""

    bytes_max: int
    wrong_type: Code
    too_long: Code

    async def read(self, request: Request) -> bytes:
        """Return the body of a request, read no further than it may be long.

        Fails: Problem where it is no JSON by its type, or too long.
        """
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            raise Problem(415, self.wrong_type, "it is not application/json")
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > self.bytes_max:
                raise Problem(413, self.too_long, f"it has more than {self.bytes_max:,} bytes")
        return bytes(body)
