"""The API: one file a group of endpoints, each their table and the functions that answer."""
