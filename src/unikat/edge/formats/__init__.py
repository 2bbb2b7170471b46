"""What other systems write and read: EPCIS 2.0, AAS, XES, CSV; each has `read_` and `write_`."""
