"""VISA and plain-socket transports for Luthier."""
