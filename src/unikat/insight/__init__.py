"""What the log shows: the figures of a rehearsal or a real month, each a fold of events."""
