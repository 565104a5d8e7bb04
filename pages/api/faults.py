"""What is wrong with a call, in the words of RFC 9457: in Chinese, or in English for who asks for it; nothing of it is echoed."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from core.errors import MianshenError, RefusedError
from core.findings import Code
from core.languages import Language
from engine.codes import RunCode
from engine.grievances.codes import GrievanceCode
from engine.lanes.codes import LaneCode
from pages.api.codes import ApiCode
from pages.problems import Problem
from store.codes import StoreCode

_STATUS: Final[Mapping[Code, int]] = {
    GrievanceCode.NOTHING_SAID: 422,
    GrievanceCode.TOO_LONG: 422,
    LaneCode.ACCOUNT: 422,
    LaneCode.BAD_DAY: 422,
    LaneCode.NO_REASON: 422,
    LaneCode.NO_VALUE: 422,
}
"""What a refusal is to a portal; every other one is about where things stand (409)."""

_MISSING: Final = frozenset({RunCode.UNKNOWN_POLICY, RunCode.UNKNOWN_SUBJECT, LaneCode.NO_GRANT})
_FAULTS_MAX: Final = 20
_LOCKED_SECONDS: Final = "2"


def add_faults(app: FastAPI) -> None:
    """Have every fault of an application answered as a problem."""
    handlers: dict[type[Exception], Any] = {
        Problem: _of_problem,
        MianshenError: _of_error,
        RequestValidationError: _of_form,
        HTTPException: _of_http,
        Exception: _of_exception,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def problem_of(error: MianshenError) -> Problem:
    """Return what a fault of ours is to a portal; how to mend it is said to who runs us, and not here."""
    fault = error.findings[0]
    if fault.code in _MISSING:
        return Problem(404, ApiCode.NOT_THERE, "there is no such thing, or it is not this subject's")
    if isinstance(error, RefusedError):
        return Problem(_STATUS.get(fault.code, 409), fault.code, fault.message)
    if fault.code in {StoreCode.LOCKED, StoreCode.UNREACHABLE}:
        wait = {"Retry-After": _LOCKED_SECONDS}
        return Problem(
            503, ApiCode.FAILED, "it failed on our side; call again, with the same key where there is one", headers=wait
        )
    return Problem(500, ApiCode.FAILED, "it failed on our side; call again, with the same key where there is one")


def _of_problem(request: Request, problem: Problem) -> Response:
    return _answered(request, problem)


def _of_error(request: Request, error: MianshenError) -> Response:
    return _answered(request, problem_of(error))


def _of_form(request: Request, error: RequestValidationError) -> Response:
    problem = Problem(422, ApiCode.BAD_REQUEST, "the call is not in its form")
    return _answered(request, problem, errors=_places(error))


def _of_http(request: Request, error: HTTPException) -> Response:
    """Answer what the framework refuses: no such path, another method, or a body that it cannot read at all (400)."""
    match error.status_code:
        case 404:
            problem = Problem(404, ApiCode.NOT_THERE, "there is nothing here")
        case 405:
            problem = Problem(405, ApiCode.BAD_REQUEST, "it is not called by this method", headers=error.headers)
        case 400:
            problem = Problem(422, ApiCode.BAD_REQUEST, "the call is not in its form")
        case _:
            return _of_exception(request, error)
    return _answered(request, problem)


def _of_exception(request: Request, _: Exception) -> Response:
    return _answered(
        request, Problem(500, ApiCode.FAILED, "it failed on our side; call again, with the same key where there is one")
    )


def _answered(request: Request, problem: Problem, **more: object) -> Response:
    response = problem.answer(_language(request), **more)
    response.headers.update(getattr(request.state, "limits", {}))
    return response


def _language(request: Request) -> Language:
    wanted = request.headers.get("accept-language", "").strip().lower()
    return Language.ENGLISH if wanted.startswith("en") else Language.CHINESE


def _places(error: RequestValidationError) -> list[dict[str, str]]:
    """Return where the faults lie, by the names of our own document; a name that the call made up is not said again."""
    found = {}
    for fault in error.errors()[:_FAULTS_MAX]:
        place, *steps = (str(step) for step in fault["loc"])
        is_made_up = fault["type"] == "extra_forbidden"
        known = steps[:-1] if is_made_up else [] if fault["type"] == "json_invalid" else steps
        pointer = "#" + "".join(f"/{step}" for step in known) if place == "body" else "/".join((place, *known))
        found[pointer] = "fields that nobody asked for" if is_made_up else str(fault["msg"])
    return [{"pointer": pointer, "detail": detail} for pointer, detail in found.items()]
