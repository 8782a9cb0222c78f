"""The commands that Luthier itself brings, one in each module. Importing one imports nothing heavy."""
