"""Why somebody may not do something, or have a role."""

from core.findings import Code


class AccessCode(Code):
    """Refusals where roles are required, and of roles themselves; an operator sees to them."""

    NOT_ALLOWED = "E656"  # roles are required, and none of theirs is enough
    OTHER_LOGIN = "E657"  # in another name than the one that is logged in
    ROLE_STANDS = "E658"  # given or taken already, or on days that are over
    OWN_ROLE = "E659"  # nobody gives themselves a role
    LAST_OPERATOR = "E660"  # nobody would be left who gives roles
    BAD_SCOPE = "E661"  # neither everything nor a policy, a department or a region that there is
    OPEN = "E662"  # roles are open: names are taken at their word
