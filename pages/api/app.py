"""The interface for portals: every declared endpoint behind its guard, and the document of it."""

from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.routing import BaseRoute

from engine.deployment import Deployment
from pages.api import deeds, matches, notices, payments, policies
from pages.api.document import document, options_of
from pages.api.faults import add_faults
from pages.api.guard import MOUNT, Guard, Guarded
from pages.api.routes import Endpoint


def declared() -> Sequence[Endpoint]:
    """Return every endpoint, with the scope that a portal needs for it."""
    return [each for part in (policies, matches, payments, notices, deeds) for each in part.endpoints()]


def create_api(deployment: Deployment) -> FastAPI:
    """Return the interface of a workspace, to be mounted at `pages.api.guard.MOUNT`."""
    api = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    guard = Guard(deployment)
    routes: list[BaseRoute] = [Guarded(guard, each, **options_of(each)) for each in declared()]
    api.router.routes.extend(routes)
    address = f"{deployment.workspace.settings.web.address.rstrip('/')}{MOUNT}"
    written = document(routes, address=address)

    def openapi(_: Request) -> JSONResponse:
        return JSONResponse(written, headers={"Cache-Control": "no-cache"})

    api.add_route("/openapi.json", openapi, methods=["GET"])
    add_faults(api)
    return api
