"""The simulated instruments of this distribution; they need luthier-sim."""
