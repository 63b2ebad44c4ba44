"""How a plan is carried out."""

PRELOAD = "KORPUS_PRELOAD"
"""Environment variable through which the server that workers are forked from learns of the recipe."""
