"""The demonstration: a portal of our own writing, on another origin, with every widget live."""
