"""How long things are kept, and how much is written at once."""

from unikat.terms import DAY, HOUR, Seconds

QUOTE_KEPT: Seconds = DAY
"""How long an expired quote can still be found, so that its shopper learns that it has expired."""
ANSWER_KEPT: Seconds = DAY
"""How long the answer to an Idempotency-Key is repeated."""
CHOICE_KEPT: Seconds = 365 * DAY
"""How long a saved choice can be opened again."""
PURGE_EVERY: Seconds = HOUR
GROUP_EVENTS = 500
"""A commit takes no more events than this, so that the first of them does not wait long."""
GROUP_WAIT_S = 0.002
"""How long a commit waits for the requests that came together last time."""
WRITE_BEHIND_S = 0.2
"""What nobody waits for is on disk after this time."""
BUSY_S = 10.0
"""How long to wait for another process that is writing to the same file."""
PAGE = 1_000
"""Events a reader takes in one short read transaction."""
