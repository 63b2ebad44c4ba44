"""A finished corpus in the shapes that other tools read: one file of this folder a format."""

from korpus.export._format import Format, Lines
from korpus.export._write import UNFINISHED, FormatInfo, export, formats

__all__ = ["UNFINISHED", "Format", "FormatInfo", "Lines", "export", "formats"]
