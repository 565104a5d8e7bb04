"""What is wrong with a request of another system, as problem details (RFC 9457), without a word of what was sent."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request
from fastapi.responses import JSONResponse

from core.findings import Code

_MEDIA_TYPE: Final = "application/problem+json"


class Problem(Exception):  # noqa: N818  # RFC 9457 calls it so
    """A request that is not taken in: with a status of HTTP, a code of the product and what it is."""

    def __init__(self, status: int, code: Code, detail: str) -> None:
        self.status, self.code, self.detail = status, code, detail
        super().__init__(detail)

    def answer(self) -> JSONResponse:
        """Return it as it is said."""
        said = {"type": "about:blank", "title": "not taken in", "status": self.status, "code": self.code.value}
        return JSONResponse(said | {"detail": self.detail}, self.status, media_type=_MEDIA_TYPE)


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
