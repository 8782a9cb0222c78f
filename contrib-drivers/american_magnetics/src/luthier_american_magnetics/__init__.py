"""American Magnetics instruments for Luthier."""
