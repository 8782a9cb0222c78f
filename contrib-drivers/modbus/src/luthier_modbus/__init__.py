"""A driver for what speaks Modbus, with parameters from a register table."""
