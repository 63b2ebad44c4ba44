"""The stages: one a file; the name of the file is the name in a recipe."""
