"""The border: the only room that touches the world (store, bus, compute, web, command line, clock)."""
