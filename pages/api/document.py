"""The document of the interface, OpenAPI 3.1: made of the endpoints themselves, so that it cannot say anything else."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.routing import BaseRoute

from core.product import ENGINE_VERSION
from delivery.signing import INSTANT, KEY, NONCE, ONCE, SIGNATURE
from pages.api.forms import ProblemDetails
from pages.api.routes import Endpoint
from pages.problems import MEDIA_TYPE

_REF: Final = "#/components/schemas/ProblemDetails"
_NO_KEY: Final = 400
_PROBLEMS: Final = {
    _NO_KEY: "没有 Idempotency-Key · no key",
    401: "未签名、已过时，或重放 · not signed, not just now, or heard before",
    403: "该门户无此权限 · not for this portal",
    404: "没有，或不属于该对象 · not there, or not this subject's",
    405: "方法不对 · another method",
    409: "现在不能这样办理，或该键已用于其他请求 · not now, or the key stands for another request",
    413: "正文过长 · too long",
    415: "不是 application/json · another type",
    422: "不符合格式 · not in its form",
    429: "过于频繁，请按 Retry-After 等待 · too often; wait",
    500: "系统故障 · it failed on our side",
    503: "暂时繁忙，请用同一键重发 · busy; call again with the same key",
}
_OPEN: Final = (404, 405, 422, 429, 500, 503)
_LIMITS: Final = {
    name: {"description": "draft-ietf-httpapi-ratelimit-headers", "schema": {"type": "string"}}
    for name in ("RateLimit", "RateLimit-Policy")
}
_SIGNED: Final = (KEY, INSTANT, NONCE, SIGNATURE)
_ABOUT: Final = (
    "供城市门户（如“随申办”）为企业和个人查询比对结果、发放与告知，代为确认、放弃、答复和订阅。\n\n"
    "Calls about a subject are signed with HMAC-SHA256: `X-Signature` over method, path, `X-Timestamp`, `X-Nonce`, the SHA-256 of the "
    "body and, where there is one, `Idempotency-Key`, each on a line of its own. The subject is named by its official number in the "
    "body, never in the address; that it was looked at is recorded. Amounts are whole fen. Faults are problem details (RFC 9457)."
)
_TAGS: Final = {"policies": "政策 · open to everybody", "subject": "对象 · signed by a portal"}


def options_of(declared: Endpoint) -> dict[str, Any]:
    """Return what FastAPI writes of an endpoint beside its models."""
    is_open = declared.scope is None
    statuses = _OPEN if is_open else tuple(each for each in _PROBLEMS if each != _NO_KEY or declared.is_write)
    responses: dict[int | str, dict[str, Any]] = {
        status: {"description": _PROBLEMS[status], "content": {MEDIA_TYPE: {"schema": {"$ref": _REF}}}}
        for status in statuses
    }
    responses[200] = {"description": "好 · done", "headers": _LIMITS}
    if is_open:
        responses[304] = {"description": "没有变化 · unchanged"}
    extra: dict[str, Any] = {"security": [] if is_open else [{name: [] for name in _SIGNED}]}
    if declared.scope is not None:
        extra["x-scope"] = declared.scope.value
    if declared.is_write:
        extra["parameters"] = [_key_parameter()]
    return {
        "response_model": declared.gives,
        "responses": responses,
        "summary": declared.summary,
        "operation_id": declared.view.__name__,
        "tags": ["policies" if is_open else "subject"],
        "openapi_extra": extra,
    }


def document(routes: Sequence[BaseRoute], *, address: str) -> dict[str, Any]:
    """Return the document of some routes, at the address under which the interface is reached."""
    made = get_openapi(
        title="免申即享 · mianshen",
        version=ENGINE_VERSION,
        openapi_version="3.1.0",
        description=_ABOUT,
        routes=routes,
        servers=[{"url": address}],
        tags=[{"name": name, "description": about} for name, about in _TAGS.items()],
    )
    _, problems = models_json_schema([(ProblemDetails, "serialization")], ref_template="#/components/schemas/{model}")
    components = made.setdefault("components", {})
    components.setdefault("schemas", {}).update(problems["$defs"])
    components["securitySchemes"] = {
        name: {"type": "apiKey", "in": "header", "name": name, "description": about}
        for name, about in zip(
            _SIGNED,
            (
                "门户名称 · the portal's name",
                "时间戳（秒），与本系统相差不超过五分钟 · seconds since 1970, within five minutes of our clock",
                "随机数，8 至 64 个可见字符，不得重复 · never the same twice",
                "签名，十六进制小写 · HMAC-SHA256 in hexadecimal, small letters",
            ),
            strict=True,
        )
    }
    return made


def _key_parameter() -> dict[str, Any]:
    return {
        "name": ONCE,
        "in": "header",
        "required": True,
        "description": "幂等键：同一键只办理一次，重发得到同样的答复 · done once for each; called again, the same answer",
        "schema": {"type": "string", "pattern": "^[!-~]{8,64}$"},
    }
