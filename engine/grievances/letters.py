"""What whoever complains is told: that it is dealt with and by when, and what was decided."""

import datetime as dt
from dataclasses import dataclass

from core.clock import civil_day
from core.ledger import NoticeKind
from delivery.notice_values import policy_values
from delivery.notices import Telling, plan_notices
from delivery.period_words import day_words
from engine.deployment import Deployment
from engine.grievances.words import KIND_WORDS
from engine.night import published_policies
from store.grievances import Grievance
from store.opening import Reading, Writing
from store.states.grievances import GrievanceKind


@dataclass(frozen=True, slots=True)
class Letters:
    """Plans the letters about one grievance: to whom it is about, where they came with it themselves.

    Who reports somebody is not known to the vault, and who is reported is not told by whom: a report has no letters of its
    own. Who is in no register is told by the hotline.
    """

    deployment: Deployment
    about: dict[str, str]

    @classmethod
    def read(cls, rx: Reading, deployment: Deployment, grievance: Grievance) -> "Letters":
        """Return them with the words for the policy that it is about, or else for its kind."""
        office = deployment.workspace.settings.name
        about = {"title": KIND_WORDS[grievance.kind], "owner": office, "contact": office}
        if grievance.policy is not None:
            today = civil_day(rx.now)
            policies = published_policies(rx, deployment.catalogue, business_date=today, known_at=rx.now)
            own = next((each for each in policies if each.policy == grievance.policy), None)
            about = about if own is None else policy_values(own.current.written)
        return cls(deployment, about)

    def accepted(self, tx: Writing, grievance: Grievance, through: dt.date) -> None:
        """Tell that it is dealt with, and by which day."""
        values = {"reply_by": f"{day_words(through)}前（含当日）"}
        self._tell(tx, grievance, NoticeKind.GRIEVANCE_RECEIVED, values)

    def decided(self, tx: Writing, grievance: Grievance, *, decision: str, why: str) -> None:
        """Tell what was decided, and on what ground."""
        self._tell(tx, grievance, NoticeKind.GRIEVANCE_DECIDED, {"decision": decision, "reasons": why})

    def _tell(self, tx: Writing, grievance: Grievance, kind: NoticeKind, values: dict[str, str]) -> None:
        if grievance.subject_id is None or grievance.kind is GrievanceKind.REPORT:
            return
        event = f"grievance {grievance.grievance_id} {grievance.moves}"
        words = self.about | values | {"number": grievance.grievance_id}
        telling = Telling(kind, grievance.subject_id, grievance.policy or "", event, civil_day(tx.now), words)
        plan_notices(tx, self.deployment.routes, [telling])
