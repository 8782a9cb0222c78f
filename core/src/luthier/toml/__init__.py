"""Files in TOML: where a key stands, and a quick way to read the plain ones."""
