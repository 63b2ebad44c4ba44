"""Results as JSON, for programs that read what a command prints."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

_UNUSUAL = re.compile("[^\n -~ㄱ-ㆎ가-힣]")


def render(result: Any) -> str:
    """Return a result as one JSON object.

    Letters stand as they are, whatever their script. Characters that a screen obeys instead of showing are escaped, and
    so are halves of surrogate pairs, which UTF-8 cannot write; what is read back is the same.

    Parameters
    ----------
    result : dataclass or mapping
        See `plain`.
    """
    text = json.dumps(plain(result), ensure_ascii=False, allow_nan=False, default=str, indent=2)
    return _UNUSUAL.sub(_escaped, text)


def _escaped(found: re.Match) -> str:
    char = found[0]
    hidden = unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    return json.dumps(char)[1:-1] if hidden else char


def plain(value: Any) -> Any:
    """Return a value with what JSON has not in the form that it has.

    A dataclass becomes an object of its fields, in their order, and of its properties after them; NaN and the
    infinities become null (RFC 8259, section 6). What is neither is left alone.
    """
    if is_dataclass(value):
        names = [field.name for field in fields(value)]
        names += [name for name, member in vars(type(value)).items() if isinstance(member, property)]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
