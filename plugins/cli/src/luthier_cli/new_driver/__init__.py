"""A new distribution with a driver: names, the text of the user, lists of commands, and the template."""
