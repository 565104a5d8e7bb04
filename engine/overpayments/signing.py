"""Who does something on a case, why, and by which law: said in full, or it is not done."""

from dataclasses import dataclass

from core.errors import RefusedError
from engine.overpayments.codes import CaseCode


@dataclass(frozen=True, slots=True)
class Signed:
    """Who does something, why, and by which law."""

    by: str
    reason: str
    basis: str = ""

    def checked(self, *, needs_basis: bool) -> "Signed":
        """Return it without blanks around its words.

        Fails: RefusedError where the reason, or a basis that is needed, is empty.
        """
        wanted = {"--reason": ("reason", self.reason)} | (
            {"--basis": ("legal basis", self.basis)} if needs_basis else {}
        )
        for option, (what, text) in wanted.items():
            if not text.strip():
                help_line = f"say it for whoever comes after you: `{option} TEXT`"
                raise RefusedError.one(CaseCode.NOTHING_SAID, option, f"no {what} is given", help_line)
        return Signed(self.by, self.reason.strip(), self.basis.strip())
