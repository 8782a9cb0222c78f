"""The demonstration: a laboratory that does not exist, and what is measured in it."""
