"""The document of the interface, OpenAPI 3.1: made of the endpoints themselves, so that it cannot say anything else.

What other partners call, the 12345 hotline and message providers, stands in it too, where it is set up.
"""

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from core.product import ENGINE_VERSION
from delivery.signing import INSTANT, KEY, NONCE, ONCE, SIGNATURE
from pages.api.forms import ProblemDetails
from pages.api.routes import Endpoint
from pages.problems import MEDIA_TYPE

_SCHEMAS: Final = "#/components/schemas/"
_NO_KEY, _CONFLICT = 400, 409
_PROBLEMS: Final = {
    _NO_KEY: "没有 Idempotency-Key · no key",
    401: "未签名、已过时，或重放 · not signed, not just now, or heard before",
    403: "该门户无此权限 · not for this portal",
    404: "没有，或不属于该对象 · not there, or not this subject's",
    405: "方法不对 · another method",
    _CONFLICT: "现在不能这样办理，或该键已用于其他请求 · not now, or the key stands for another request",
    413: "正文过长 · too long",
    415: "不是 application/json · another type",
    422: "不符合格式 · not in its form",
    429: "过于频繁，请按 Retry-After 等待 · too often; wait",
    500: "系统故障 · it failed on our side",
    503: "暂时繁忙，请用同一键重发 · busy; call again with the same key",
}
_OPEN: Final = (404, 405, 422, 429, 500, 503)
_PARTNER: Final = (_NO_KEY, 401, _CONFLICT, 413, 415, 422, 503)
_LIMITS: Final = {
    name: {"description": "draft-ietf-httpapi-ratelimit-headers", "schema": {"type": "string"}}
    for name in ("RateLimit", "RateLimit-Policy")
}
_SIGNED: Final = {
    KEY: "门户名称 · the portal's name",
    INSTANT: "时间戳（秒），与本系统相差不超过五分钟 · seconds since 1970, within five minutes of our clock",
    NONCE: "随机数，8 至 64 个可见字符，不得重复 · never the same twice",
    SIGNATURE: "签名，十六进制小写 · HMAC-SHA256 in hexadecimal, small letters",
}
_ABOUT: Final = (
    "供城市门户（如“随申办”）为企业和个人查询比对结果、发放与告知，代为确认、放弃、答复和订阅。\n\n"
    "Calls about a subject are signed with HMAC-SHA256: `X-Signature` over method, path, `X-Timestamp`, `X-Nonce`, the SHA-256 of the "
    "body and, where there is one, `Idempotency-Key`, each on a line of its own. The subject is named by its official number in the "
    "body, never in the address; that it was looked at is recorded. Amounts are whole fen. Faults are problem details (RFC 9457)."
)
_TAGS: Final = {
    "policies": "政策 · open to everybody",
    "subject": "对象 · signed by a portal",
    "partners": "热线与短信通道 · signed by the hotline, and by message providers",
}


@dataclass(frozen=True, slots=True)
class Partner:
    """What another system than a portal calls: signed alike; it reads its body itself. `creates`: what is new is a 201."""

    name: str
    summary: str
    asks: type[BaseModel]
    gives: type[BaseModel]
    is_write: bool = False
    creates: bool = False


class PartnerRoute(APIRoute):
    """The route of a partner; it may stand in any application of Starlette."""

    def __init__(self, path: str, view: Callable[..., Any], partner: Partner) -> None:
        self.partner = partner
        super().__init__(path, view, methods=["POST"], **_options_for(partner))
        self.app = AsyncExitStackMiddleware(self.app)  # which FastAPI itself adds to applications of its own alone


def options_of(declared: Endpoint) -> dict[str, Any]:
    """Return what FastAPI writes of an endpoint beside its models."""
    is_open = declared.scope is None
    statuses = _OPEN if is_open else tuple(each for each in _PROBLEMS if each != _NO_KEY or declared.is_write)
    responses = _problems(statuses) | {200: {"description": "好 · done", "headers": _LIMITS}}
    if is_open:
        responses[304] = {"description": "没有变化 · unchanged"}
    scope = {} if declared.scope is None else {"x-scope": declared.scope.value}
    return {
        "response_model": declared.gives,
        "responses": responses,
        "summary": declared.summary,
        "description": _description(declared),
        "operation_id": declared.view.__name__,
        "tags": ["policies" if is_open else "subject"],
        "openapi_extra": scope | _signed(is_signed=not is_open, is_write=declared.is_write),
    }


def _description(declared: Endpoint) -> str:
    about = inspect.getdoc(declared.view) or ""
    return about if declared.scope is None else f"{about}\n\n权限 scope: `{declared.scope}`"


def document(
    routes: Sequence[APIRoute], partners: Sequence[PartnerRoute], *, mount: str, address: str
) -> dict[str, Any]:
    """Return the document of endpoints that are mounted somewhere, and of partners beside them, under an address."""
    made, beside = (_written(each, address) for each in (routes, partners))
    made["paths"] = {f"{mount}{path}": what for path, what in made["paths"].items()} | beside.get("paths", {})
    made["components"] = {
        "schemas": {
            **made["components"]["schemas"],
            **beside.get("components", {}).get("schemas", {}),
            **_schemas([each.partner.asks for each in partners], "validation"),
            **_schemas([ProblemDetails], "serialization"),
        },
        "securitySchemes": {
            name: {"type": "apiKey", "in": "header", "name": name, "description": about}
            for name, about in _SIGNED.items()
        },
    }
    return made


def _options_for(partner: Partner) -> dict[str, Any]:
    statuses = tuple(each for each in _PARTNER if each not in {_NO_KEY, _CONFLICT} or partner.is_write)
    responses = _problems(statuses) | {200: {"description": "好 · done"}}
    if partner.creates:
        responses[201] = {"model": partner.gives, "description": "新 · new"}
    schema = {"$ref": f"{_SCHEMAS}{partner.asks.__name__}"}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {
        "response_model": partner.gives,
        "responses": responses,
        "summary": partner.summary,
        "operation_id": partner.name,
        "tags": ["partners"],
        "openapi_extra": {"requestBody": body} | _signed(is_signed=True, is_write=partner.is_write),
    }


def _problems(statuses: Iterable[int]) -> dict[int | str, dict[str, Any]]:
    content = {MEDIA_TYPE: {"schema": {"$ref": f"{_SCHEMAS}ProblemDetails"}}}
    return {status: {"description": _PROBLEMS[status], "content": content} for status in statuses}


def _signed(*, is_signed: bool, is_write: bool) -> dict[str, Any]:
    """Return how a call is signed, and the key that it needs where it changes something."""
    security: dict[str, Any] = {"security": [{name: [] for name in _SIGNED}] if is_signed else []}
    if not is_write:
        return security
    key = {
        "name": ONCE,
        "in": "header",
        "required": True,
        "description": "幂等键：同一键只办理一次，重发得到同样的答复 · done once for each; called again, the same answer",
        "schema": {"type": "string", "pattern": "^[!-~]{8,64}$"},
    }
    return security | {"parameters": [key]}


def _written(routes: Sequence[APIRoute], address: str) -> dict[str, Any]:
    return get_openapi(
        title="免申即享 · mianshen",
        version=ENGINE_VERSION,
        openapi_version="3.1.0",
        description=_ABOUT,
        routes=routes,
        servers=[{"url": address}],
        tags=[{"name": name, "description": about} for name, about in _TAGS.items()],
    )


def _schemas(models: Sequence[type[BaseModel]], mode: Any) -> dict[str, Any]:  # noqa: ANN401  # a literal of pydantic's
    _, made = models_json_schema([(each, mode) for each in models], ref_template=f"{_SCHEMAS}{{model}}")
    return dict(made.get("$defs", {}))
