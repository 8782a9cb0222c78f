"""The core of Luthier: parameters, validators, instruments, and the protocols that plugins implement."""
