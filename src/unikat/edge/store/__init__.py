"""What a site remembers (events, quotes, bad messages, keys), in memory or in a SQLite file."""
