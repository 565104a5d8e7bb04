"""What visitors read without a login: every policy that stands, found by words, department, subject and benefit."""

from typing import Final

from starlette.responses import Response

from engine.authoring.public_list import Search, public_guide, public_policies
from pages.web.routes import For, Route, page
from pages.web.visits import Visit, missing

PLACE: Final = "/public/policies"
_WORDS_MAX: Final = 100


def routes() -> list[Route]:
    """Return the routes."""
    return [page(PLACE, listed, For.EVERYBODY), page(PLACE + "/{policy}", guide, For.EVERYBODY)]


def listed(visit: Visit) -> Response:
    """Show the policies that are looked for, and what one can choose from."""
    every = public_policies(visit.deployment)
    search = Search(visit.asked("words")[:_WORDS_MAX], *(visit.asked(name) for name in ("owner", "subject", "benefit")))
    choices = {
        "owner": ("主管部门", sorted({each.owner for each in every})),
        "subject": ("对象", sorted({each.subject for each in every})),
        "benefit": ("享受形式", sorted({each.benefit for each in every})),
    }
    found = [each for each in every if search.takes(each)]
    return visit.page("public/policies.html", found=found, every_count=len(every), search=search, choices=choices)


def guide(visit: Visit) -> Response:
    """Show one policy's 申兑指南."""
    found = public_guide(visit.deployment, visit.named("policy"))
    if found is None:
        raise missing()
    return visit.page("public/guide.html", guide=found)
