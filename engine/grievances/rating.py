"""How satisfied somebody was with a payment or a decision; who was not is called back within some working days."""

from dataclasses import dataclass, replace

from core.clock import civil_day
from core.errors import RefusedError
from core.ids import derive_id
from engine.deployment import Deployment
from engine.grievances.codes import GrievanceCode
from engine.grievances.intake import Intake, begun, check_intake, keep_new
from store.grievances import Grievance
from store.opening import Reading
from store.ratings import Rated, Rating, add_rating, is_rated, rated_about
from store.states.grievances import GrievanceKind, GrievanceSource

DISSATISFIED_MOST = 2
"""So many stars, of five, are a complaint."""


@dataclass(frozen=True, slots=True)
class Stars:
    """What somebody gives to a payment, a claim or a grievance, and what they say of it."""

    about: str
    count: int
    said: str = ""


@dataclass(frozen=True, slots=True)
class RatingKept:
    """A rating, and the grievance that it opened."""

    rating: Rating
    grievance: Grievance | None


def rate(deployment: Deployment, stars: Stars, *, by: str) -> RatingKept:
    """Keep a rating; one of a star or two opens a grievance with a deadline of its own.

    Fails: RefusedError where nothing goes by the id, it is not over yet, too much is said, or it was rated already.
    """
    assert 1 <= stars.count <= 5  # noqa: PLR2004  # five stars
    with deployment.store.writing() as tx:
        rated = _rated(tx, stars.about)
        assert rated.subject_id is not None
        policy = rated.policy or ""
        opened = None
        if stars.count <= DISSATISFIED_MOST:
            said = stars.said.strip() or f"{stars.count}星"
            today = civil_day(tx.now)
            intake = Intake(GrievanceKind.DISSATISFIED, GrievanceSource.RATING, said, today, external_id=stars.about)
            check_intake(intake, today)
            own = replace(begun(tx, intake, by), subject_id=rated.subject_id, policy=rated.policy)
            opened = keep_new(tx, deployment, own, intake)
        rating = Rating(
            derive_id("s", rated.subject_id, stars.about),
            rated.subject_id,
            policy,
            stars.about,
            stars.count,
            tx.now,
            by,
            None if opened is None else opened.grievance_id,
        )
        add_rating(tx, rating)
    return RatingKept(rating, opened)


def _rated(rx: Reading, about: str) -> Rated:
    """Return whose it is that is rated.

    Fails: RefusedError.
    """
    rated = rated_about(rx, about)
    if rated is None or rated.subject_id is None:
        message = f"no payment, claim or grievance of somebody known is called `{about}`"
        raise RefusedError.one(GrievanceCode.UNKNOWN_ABOUT, "rating", message, "copy its id from a page or a list")
    if not rated.is_over:
        message = "it is not over yet"
        raise RefusedError.one(GrievanceCode.UNKNOWN_ABOUT, about, message, "rate it once it is paid or decided")
    if is_rated(rx, rated.subject_id, about):
        help_line = "who has more to say comes with a grievance: `mianshen grievances receive`"
        raise RefusedError.one(GrievanceCode.RATED_ALREADY, about, "it was rated already", help_line)
    return rated
