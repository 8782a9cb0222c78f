"""Oxford Instruments instruments for Luthier."""
