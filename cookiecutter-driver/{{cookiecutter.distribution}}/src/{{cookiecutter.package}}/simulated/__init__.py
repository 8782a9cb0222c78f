"""Simulated instruments; only these modules import ``luthier_sim``, and no driver imports them."""
