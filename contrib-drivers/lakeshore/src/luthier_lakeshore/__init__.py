"""Lake Shore Cryotronics instruments for Luthier."""
