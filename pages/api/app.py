"""The interface for portals: every declared endpoint behind its guard, and the document of it."""

import re
from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.routing import Mount

from engine.deployment import Deployment
from pages.api import deeds, matches, notices, objections, payments, policies
from pages.api.docs import docs
from pages.api.document import PartnerRoute, document, options_of
from pages.api.faults import add_faults
from pages.api.guard import MOUNT, Guard, Guarded
from pages.api.routes import Endpoint
from pages.web.limits import Rates


def declared() -> Sequence[Endpoint]:
    """Return every endpoint, with the scope that a portal needs for it."""
    return [each for part in (policies, matches, payments, notices, deeds, objections) for each in part.endpoints()]


class Mounted(Mount):
    """The interface at its place: whatever comes below it, a line end in an address too, is answered by it."""

    def __init__(self, api: FastAPI) -> None:
        super().__init__(MOUNT, api)
        self.path_regex = re.compile(rf"^{MOUNT}/(?P<path>.*)$", re.DOTALL)


def create_api(deployment: Deployment, partners: Sequence[PartnerRoute] = (), rates: Rates | None = None) -> FastAPI:
    """Return the interface of a workspace, to be `Mounted`; its document has partners too."""
    api = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    guard = Guard(deployment, rates or Rates())
    routes = [Guarded(guard, each, **options_of(each)) for each in declared()]
    api.router.routes.extend(routes)
    address = deployment.workspace.settings.web.address.rstrip("/")
    written = document(routes, partners, mount=MOUNT, address=address)

    def openapi(_: Request) -> JSONResponse:
        return JSONResponse(written, headers={"Cache-Control": "no-cache"})

    api.add_route("/openapi.json", openapi, methods=["GET"])
    api.add_route("/docs", docs, methods=["GET"])
    add_faults(api)
    return api
