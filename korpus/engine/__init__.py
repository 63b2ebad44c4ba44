"""How a plan is carried out."""

ENGINES = ("local", "spark", "ray")
"""What may carry it out, by name."""

PRELOAD = "KORPUS_PRELOAD"
"""Environment variable through which the server that workers are forked from learns of the recipe."""
