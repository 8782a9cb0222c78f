"""Pages of reference in Markdown, made from what is declared."""
