"""A recipe and its inputs → what will be done, before more than the heads of the files is read."""

from korpus.plan.plan import GUESSED_EXPANSION, Pass, Plan, make

__all__ = ["GUESSED_EXPANSION", "Pass", "Plan", "make"]
