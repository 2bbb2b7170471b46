"""The tables of a store. Migrations make them; a test holds the two equal."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")  # SQLite's row id, hence the only key

EVENT = Table(
    "event",
    METADATA,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=False),
    Column("event_id", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("stream", Text, nullable=False),
    Column("stream_version", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("event_id"),
    UniqueConstraint("stream", "stream_version"),
)
"""Append-only, as triggers see to; the version of a stream is the optimistic lock."""

QUOTE = Table(
    "quote",
    METADATA,
    Column("quote_id", Text, primary_key=True),
    Column("valid_until", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "valid_until"),
)

QUARANTINE = Table(
    "quarantine",
    METADATA,
    Column("id", _SEQUENCE, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("fault", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    UniqueConstraint("digest"),
)

IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("principal", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_sha256", Text, nullable=False),
    Column("status", Integer),
    Column("response", LargeBinary),
    Column("expires_at", BigInteger, nullable=False),
    Index(None, "expires_at"),
)

API_KEY = Table(
    "api_key",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used", BigInteger),
)

FAMILY_VERSION = Table(
    "family_version",
    METADATA,
    Column("family_id", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("uvl", Text, nullable=False),
    Column("sheet", Text, nullable=False),
    Column("imports", Text, nullable=False),
    Column("renamed", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("published_at", BigInteger, nullable=False),
)
"""Append-only too: an order keeps its version for ever."""

SAVED_CHOICE = Table(
    "saved_choice",
    METADATA,
    Column("seq", _SEQUENCE, primary_key=True),
    Column("choice_id", Text, nullable=False),
    Column("saved_at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("choice_id"),
    Index(None, "saved_at"),
)

META = Table(
    "meta",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
