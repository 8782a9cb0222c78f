"""The simulated instruments of this distribution that are written in Python; they need luthier-sim."""
