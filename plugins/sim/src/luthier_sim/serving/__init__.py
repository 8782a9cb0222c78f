"""Simulated instruments over real wires: plain sockets, HiSLIP, pseudo-terminals."""
