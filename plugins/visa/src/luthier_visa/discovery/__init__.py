"""Looking for instruments: what VISA lists, and who answers on a network."""
