"""The day on which a grant was found may become an earlier one; what it was before is kept with the other past of a grant.

Until now no day was ever changed: what a grant says today is what it said at every moment kept.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.add_column("grant_past", sa.Column("discovered_on", sa.Date(), nullable=False, server_default="1970-01-01"))
    op.add_column("grant_past", sa.Column("cause", sa.String(), nullable=True))
    for name in ("discovered_on", "cause"):
        today = f"(select grant_.{name} from grant_ where grant_.grant_id = grant_past.grant_id)"
        op.execute(f"update grant_past set {name} = {today}")


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_column("grant_past", "cause")
    op.drop_column("grant_past", "discovered_on")
