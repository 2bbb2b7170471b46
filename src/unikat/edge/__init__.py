"""The border, the only room that touches the world: store, bus, web, command line, clock."""
