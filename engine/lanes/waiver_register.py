"""The waiver register as a file to print, with the names that it opens for it."""

from pathlib import Path

from core.clock import civil_day
from core.days import add_months
from core.errors import RunError
from core.remits import WHOLE, Remit
from core.settings import SettingsCode
from delivery.waiver_sheet import WaiverLine, render_register
from engine.deployment import Deployment
from engine.lanes.waivers import Waiver, register, with_identities
from engine.night import published_policies


def write_register(
    deployment: Deployment, path: Path, *, by: str, policy: str | None = None, remit: Remit = WHOLE
) -> int:
    """Write every waiver there ever was in a remit, or those of one policy; return how many. The opening is recorded.

    Fails: RunError where the folder may not be written.
    """
    with deployment.store.reading() as rx:
        on, waivers = civil_day(rx.now), register(rx, policy=policy, remit=remit)
        known = published_policies(rx, deployment.catalogue, business_date=on, known_at=rx.now)
    titles = {each.policy: each.current.written.title for each in known}
    lines = [_line(each, titles) for each in with_identities(deployment, waivers, by=by)]
    try:
        path.touch(mode=0o600)  # it names people
        path.write_bytes(render_register(lines, on=on, by=by))
    except OSError as fault:
        message = f"the register cannot be written: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(SettingsCode.NO_ACCESS, path.name, message, "name a folder that may be written") from fault
    return len(lines)


def _line(waiver: Waiver, titles: dict[str, str]) -> WaiverLine:
    given, revoked = waiver.given, waiver.revoked
    return WaiverLine(
        title=titles.get(waiver.grant.policy, waiver.grant.policy),
        who=waiver.who,
        waived_on=given.acted_on,
        waived_from=add_months(given.acted_on.replace(day=1), 1),
        reason=given.reason or "",
        by=given.by,
        is_assisted=given.is_assisted,
        witness=given.witness or "",
        signed_by=waiver.signed_by,
        revoked_on=None if revoked is None else revoked.acted_on,
        revoked_by="" if revoked is None else revoked.by,
    )
