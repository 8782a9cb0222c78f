"""Finding out what is wrong with an installation, one plugin after another, whatever they do."""
