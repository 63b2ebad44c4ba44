"""A finished corpus: where its files lie, what its manifest says, and the corpus itself as an object."""
