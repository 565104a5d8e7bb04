"""The document of the interface to look at: Swagger UI as it is vendored, which asks nobody but us."""

from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse

PAGE: Final = """<!doctype html>
<html lang="zh-CN">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>接口文档 API · 免申即享</title>
  <link rel="icon" href="/static/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/static/vendor/swagger-ui/swagger-ui.css">
  <link rel="stylesheet" href="/static/api/docs.css">
  <script src="/static/vendor/swagger-ui/swagger-ui-bundle.js" defer></script>
  <script src="/static/api/docs.js" defer></script>
</head>
<body>
  <div>
    <div id="document"></div>
    <noscript><p class="by-hand">本页需要脚本；<a href="/api/openapi.json">接口文档原文（OpenAPI 3.1）</a>不需要。</p></noscript>
  </div>
</body>
</html>
"""


def docs(_: Request) -> HTMLResponse:
    """Show the document."""
    return HTMLResponse(PAGE)
