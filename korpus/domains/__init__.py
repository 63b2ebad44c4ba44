"""Lexicons of domains, as data, and the matching of texts against them."""
