"""Lines that are not in the encoding of their file."""

from __future__ import annotations

from korpus.compiled import kernel


@kernel
def find_utf8_hangul(data, starts, ends, out):
    """Find the lines that are valid UTF-8 with Hangul syllables in it, in a file of another encoding.

    What is Korean in another encoding practically never is valid UTF-8 as well: nearly every line fails at its first
    byte above 0x7F.

    Parameters
    ----------
    data : uint8, shape (n_bytes,)
    starts, ends : int64, shape (n_lines,)
        Line i is ``data[starts[i]:ends[i]]``.
    out : bool, shape (n_lines,)
        Written: whether the line decodes as UTF-8, has a syllable from U+A000 to U+DFFF, and no NUL.

    Returns
    -------
    n_found : int

    Notes
    -----
    Only the pattern of lead and continuation bytes is tested, not overlong forms and surrogates.
    """
    n_found = 0
    for line in range(starts.size):
        i, end = starts[line], ends[line]
        n_hangul = 0
        while i < end:
            lead = data[i]
            if lead == 0:
                break
            n = 1
            if lead >= 0x80:
                if lead < 0xC2 or lead > 0xF4:
                    break
                n = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
                if i + n > end:
                    break
                bad = False
                for j in range(i + 1, i + n):
                    bad |= data[j] & 0xC0 != 0x80
                if bad:
                    break
                n_hangul += 0xEA <= lead <= 0xED
            i += n
        out[line] = i == end and n_hangul > 0
        n_found += out[line]
    return n_found
