"""Word counts and vocabularies."""
