"""Published versions of the family, and the choices shoppers saved."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "family_version",
        sa.Column("family_id", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("uvl", sa.Text, nullable=False),
        sa.Column("sheet", sa.Text, nullable=False),
        sa.Column("imports", sa.Text, nullable=False),
        sa.Column("renamed", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("published_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "saved_choice",
        sa.Column("seq", _SEQUENCE, primary_key=True),
        sa.Column("choice_id", sa.Text, nullable=False),
        sa.Column("saved_at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("choice_id", name="uq_saved_choice_choice_id"),
    )
    op.create_index("ix_saved_choice_saved_at", "saved_choice", ["saved_at"])
    if op.get_bind().dialect.name == "sqlite":
        _forbid_changes()


def _forbid_changes() -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER family_version_no_{change.lower()} BEFORE {change} ON family_version"
            " BEGIN SELECT RAISE(ABORT, 'published versions are kept for ever'); END"
        )
