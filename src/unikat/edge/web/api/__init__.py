"""The API: one file a group of endpoints, each a table of endpoints and the functions that answer."""
