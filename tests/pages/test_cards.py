"""Cards of policies: drawn once where they show rules alone, and never kept where they show a figure of somebody."""

import re
from collections.abc import Hashable, Iterator

import pytest
from starlette.testclient import TestClient

from core.languages import Language
from engine.deployment import Deployment
from engine.explaining.checkup import Checkup, PageGroup, check_up
from engine.explaining.explain import viewpoint_on
from engine.explaining.state_words import LANE_WORDS
from pages.web.app import create_app
from pages.web.own.cards import Card, drawn
from pages.web.rendering import Rendering
from store.accounts import account_of
from tests.trial_world import PASSWORD, trial_world

LOGINS = ("qiye1", "qiye2", "qiye3")
WORDS = {"lanes": LANE_WORDS, "PageGroup": PageGroup}
_TOKEN = re.compile(r'name="token" value="[^"]*"')


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with trial_world().open(tmp_path_factory.mktemp("cards") / "w") as opened:
        yield opened


class Watching(Rendering):
    """Keeps what it was asked to draw."""

    def __init__(self) -> None:
        super().__init__(WORDS)
        self.asked: list[tuple[Card, bool]] = []

    def piece(self, template: str, language: Language, of: Hashable, *, is_kept: bool) -> str:
        """Draw, and keep what was asked."""
        assert isinstance(of, Card)
        self.asked.append((of, is_kept))
        return super().piece(template, language, of, is_kept=is_kept)


def checkup(deployment: Deployment, login: str) -> Checkup:
    with deployment.store.reading() as rx:
        account = account_of(rx, login)
        assert account is not None
        assert account.subject_id is not None
        return check_up(rx, viewpoint_on(rx, deployment, None), kind="enterprise", subject_id=account.subject_id)


def page(client: TestClient, login: str, language: Language) -> str:
    client.cookies.clear()
    client.post("/login", data={"login": login, "password": PASSWORD})
    client.cookies.set("language", language.value)
    return _TOKEN.sub("", client.get("/").text)


@pytest.mark.parametrize("language", Language)
def test_a_page_is_the_same_whoever_was_there_before(deployment: Deployment, language: Language) -> None:
    """An application that has served the others, in either language, says to each what one says that has served nobody."""
    with TestClient(create_app(deployment)) as used:
        for login in (*LOGINS, *reversed(LOGINS)):
            page(used, login, Language.CHINESE)
            page(used, login, Language.ENGLISH)
        for login in LOGINS:
            with TestClient(create_app(deployment)) as fresh:
                assert page(used, login, language) == page(fresh, login, language)


def test_a_card_with_a_figure_of_somebody_is_kept_nowhere(deployment: Deployment) -> None:
    """What was paid or waits, what is claimed back, how far it is to a limit, and an amount that their own facts make."""
    watching = Watching()
    every = [each for login in LOGINS for each in checkup(deployment, login).policies]

    for each in every:
        drawn(watching, Language.CHINESE, [each])

    kept = [each for (_, is_kept), each in zip(watching.asked, every, strict=True) if is_kept]
    assert kept
    assert {each.group for each in kept} >= {PageGroup.UNKNOWN, PageGroup.NOT_APPLICABLE}
    for each in kept:
        assert not each.lines or each.paid_fen + each.waiting_fen == 0
        assert each.claimed_fen == 0
        seen = each.examination
        assert seen is None or each.group is not PageGroup.ONE_STEP or not any(one.distances for one in seen.failing)
        assert each.standard in {None, (0, None)} or (seen is not None and not seen.amount_facts)
    assert any(each.paid_fen for each in every)


def test_equal_cards_are_drawn_once(deployment: Deployment) -> None:
    """Of a value that is kept there is one drawing; one that is not kept is drawn for each."""
    rendering = Rendering(WORDS)
    cards = [Card.of(each) for each in checkup(deployment, "qiye1").policies if each.group is PageGroup.UNKNOWN]
    again = [Card.of(each) for each in checkup(deployment, "qiye1").policies if each.group is PageGroup.UNKNOWN]

    def draw(card: Card, *, is_kept: bool) -> str:
        return rendering.piece("own/card.html", Language.CHINESE, card, is_kept=is_kept)

    assert cards == again
    for card, equal in zip(cards, again, strict=True):
        assert draw(card, is_kept=True) is draw(equal, is_kept=True)
        assert draw(card, is_kept=False) is not draw(equal, is_kept=False)
