"""The report of a finished run as one HTML file that needs nothing else: no script, no font, no picture."""

from __future__ import annotations

from difflib import SequenceMatcher
from html import escape
from typing import TYPE_CHECKING

from korpus.chain import EXAMPLE_CHARS
from korpus.figures import edit_kind, percent, plural, share, size, visible
from korpus.report.card import snippets, to_yaml
from korpus.report.summary import Clusters, Step, Summary
from korpus.report.vocab import LEGEND, facts

if TYPE_CHECKING:
    from korpus.corpus.manifest import Manifest

_MAX_COUNTS = 50
_LINE = "\n"

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --soft: #667085; --line: #e3e7ee; --page: #fff; --card: #f7f8fa;
  --kept: #3f7ee8; --gone: #f3b6ab; --del: #fdd8d3; --ins: #cdeed6; --bad: #b42318; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ef; --soft: #98a2b3; --line: #2c3442; --page: #12161d;
  --card: #1a2029; --kept: #5b93f0; --gone: #7a3b34; --del: #6b2a25; --ins: #1f5434; --bad: #ff9a8d; } }
body { margin: 2.5rem auto; max-width: 68rem; padding: 0 1.25rem; color: var(--ink); background: var(--page);
  font: 15px/1.55 system-ui, "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", sans-serif; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.8rem 0 .4rem; } h3 small, .soft { color: var(--soft); font-weight: normal; }
p { margin: .4rem 0; } .scroll { overflow-x: auto; }
.facts { display: flex; flex-wrap: wrap; gap: .8rem 2.4rem; margin: 1.2rem 0; } .facts b { display: block;
  font-size: 1.35rem; font-weight: 600; } .facts span { color: var(--soft); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } .bars { width: 100%; }
th, td { padding: .28rem .9rem .28rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; white-space: nowrap; } .n { text-align: right; white-space: nowrap; }
.bars th:last-child { width: 34%; } .bar { display: flex; height: .85rem; margin-top: .35rem; }
.bar i { background: var(--kept); } .bar i + i { background: var(--gone); }
code, pre { font: 13px/1.5 ui-monospace, "D2Coding", "Noto Sans Mono CJK KR", monospace; overflow-wrap: anywhere; }
pre { background: var(--card); padding: .8rem 1rem; border-radius: 6px; white-space: pre-wrap; margin: .6rem 0; }
table.texts { table-layout: fixed; width: 100%; margin: .5rem 0; } .texts td { white-space: pre-wrap;
  overflow-wrap: anywhere; } .why th:last-child { width: 9rem; }
del, ins { text-decoration: none; border-radius: 2px; } del { background: var(--del); } ins { background: var(--ins); }
.alarm { border-left: 4px solid var(--bad); background: var(--card); color: var(--bad); padding: .5rem .9rem;
  font-weight: 600; } .note { border-left: 4px solid var(--soft); background: var(--card); padding: .5rem .9rem; }
"""


def render(summary: Summary, manifest: Manifest) -> str:
    """Return the report.

    Parameters
    ----------
    summary : Summary
        Of the run; times are not used, so that the same run gives the same report.
    manifest : Manifest
        The manifest that `summary` was made from.
    """
    s = summary
    sections = [
        _head(s),
        ("Funnel", _funnel(s)),
        ("What was dropped, and why", _reasons(s)),
        ("Sources", _sources(s) if s.sources else ""),
        ("Domains", _domains(s) if s.by_domain else ""),
        ("Stages", "".join(_stage(number, step) for number, step in enumerate(s.steps[1:], 1))),
        ("Vocabularies", _vocabularies(s)),
        ("Files", _files(s)),
        (
            "How to load it",
            "<p><code>out</code> stands for the path of this folder.</p>"
            + "".join(f"<pre>{escape(code)}</pre>" for _, code in snippets(s)),
        ),
        ("Inputs", _inputs(s, manifest)),
        ("Recipe", f"<pre>{_text(to_yaml(manifest['recipe']), keep=_LINE)}</pre>"),
    ]
    body = "\n".join(
        section if isinstance(section, str) else f"<section><h2>{section[0]}</h2>\n{section[1]}</section>"
        for section in sections
        if isinstance(section, str) or section[1]
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(s.name)} · korpus</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def mark(before: str, after: str) -> tuple[str, str]:
    """Return two texts as HTML, with what is only in the first in ``<del>``, and only in the second in ``<ins>``.

    Parameters
    ----------
    before, after : str
        Examples of a run: cut to a length, which shows in a final ``…``.

    Notes
    -----
    Characters are compared one by one, so one Hangul syllable for another is one mark.
    """
    old, new = before[:EXAMPLE_CHARS], after[:EXAMPLE_CHARS]
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    # Where one text was cut and the other goes on, nobody knows that the rest differs.
    unknown = {"insert": len(before) > len(old), "delete": len(after) > len(new)}
    if steps and unknown.get(steps[-1][0]):
        steps[-1] = ("equal", *steps[-1][1:])
    left = [_marked("" if step == "equal" else "del", old[a:b]) for step, a, b, _, _ in steps]
    right = [_marked("" if step == "equal" else "ins", new[c:d]) for step, _, _, c, d in steps]
    return "".join([*left, _text(before[len(old) :])]), "".join([*right, _text(after[len(new) :])])


def _marked(tag: str, text: str) -> str:
    shown = _text(text, keep="\n\t\u200d")
    return f"<{tag}>{shown}</{tag}>" if tag and text else shown


def _text(text: str, keep: str = "") -> str:
    return escape(visible(text, keep))


def _table(titles: list[str], rows: list[list[str]], css: str = "") -> str:
    """Return a table of HTML cells; the columns whose title ends in a colon hold numbers."""
    kind = [' class="n"' if title.endswith(":") else "" for title in titles]
    head = "".join(f"<th{k}>{title.rstrip(':')}</th>" for k, title in zip(kind, titles, strict=True))
    lines = "\n".join(
        f"<tr>{''.join(f'<td{k}>{cell}</td>' for k, cell in zip(kind, row, strict=True))}</tr>" for row in rows
    )
    return f'<div class="scroll"><table class="{css}">\n<tr>{head}</tr>\n{lines}\n</table></div>\n'


def _bar(*shares: float) -> str:
    parts = "".join(f'<i style="width:{part:.2%}"></i>' for part in shares)
    return f'<div class="bar">{parts}</div>'


def _head(s: Summary) -> str:
    facts = (
        (f"{s.n_read:,}", "documents read"),
        (f"{s.n_kept:,}", f"kept, {percent(s.n_kept, s.n_read)}"),
        (size(s.text_bytes), "of text"),
        (f"{s.n_chars:,}", "characters"),
        (f"{s.n_eojeol:,}", "eojeol"),
        (f"{s.n_sentences:,}", "sentences"),
    )
    lines = [f"<h1>{_text(s.name)}</h1>", f'<p class="soft">korpus {_text(s.version)}, run {_text(s.key[:12])}</p>']
    lines += [f'<p class="alarm">Does not add up: {_text(why)}</p>' for why in s.breaks]
    lines += [f'<p class="note">{_text(warning)}</p>' for warning in s.warnings]
    lines.append(
        f'<div class="facts">{"".join(f"<div><b>{n}</b><span>{escape(what)}</span></div>" for n, what in facts)}</div>'
    )
    if not s.breaks:
        lines.append(f"<p>It adds up: {s.n_read:,} read = {s.n_kept:,} kept + {s.n_rejects:,} in the ledger.</p>")
    return "\n".join(lines)


def _funnel(s: Summary) -> str:
    rows = [
        [
            _text(step.title),
            f"{step.n_in:,}",
            f"{step.n_changed:,}" if step.kind == "edit" else "",
            f"{step.n_dropped:,}",
            f"{step.n_out:,}",
            percent(step.n_out, s.n_read),
            size(step.bytes_out),
            _bar(share(step.n_out, s.n_read), share(step.n_dropped, s.n_read)),
        ]
        for step in s.steps
    ]
    return _table(["step", "in:", "changed:", "dropped:", "out:", "of input:", "text:", ""], rows, "bars")


def _reasons(s: Summary) -> str:
    rows = [
        [_text(step.title), _text(reason), f"{n:,}", percent(n, s.n_read), _bar(0, share(n, s.n_read))]
        for step in s.steps
        for reason, n in step.reasons.items()
    ]
    return _table(["stage", "reason", "documents:", "of input:", ""], rows, "bars") if rows else ""


def _sources(s: Summary) -> str:
    rows = [
        [
            _text(source.name),
            f"{source.n_files:,}",
            size(source.bytes_in),
            f"{source.n_in:,}",
            f"{source.n_dropped:,}",
            f"{source.n_duplicates:,}",
            f"{source.n_kept:,}",
            percent(source.n_kept, s.n_kept),
            size(source.text_bytes),
            _bar(share(source.n_kept, s.n_kept)),
        ]
        for source in s.sources
    ]
    names = ["source", "files:", "size:", "read:", "dropped:", "duplicates:", "kept:", "of kept:", "text:", ""]
    return _table(names, rows, "bars")


def _domains(s: Summary) -> str:
    rows = [
        [
            _text(domain.name),
            f"{domain.n_docs:,}",
            percent(domain.n_docs, s.n_kept),
            size(domain.text_bytes),
            f"{domain.n_shards:,}",
            size(domain.file_bytes),
            _bar(share(domain.n_docs, s.n_kept)),
        ]
        for domain in s.domains
    ]
    return _table(["domain", "documents:", "of kept:", "text:", "shards:", "on disk:", ""], rows, "bars")


def _stage(number: int, step: Step) -> str:
    did = {
        "edit": f"changed {step.n_changed:,} of {step.n_in:,} documents ({percent(step.n_changed, step.n_in)})",
        "tag": f"tagged {plural(step.n_in, 'document')}",
        "expand": f"made {step.n_in + step.n_made:,} documents of {step.n_in:,}",
        "group": f"made {step.n_out:,} documents of {step.n_in - step.n_dropped:,}, {step.n_changed:,} of several",
    }.get(step.kind, "")
    if step.n_dropped or not did:
        did += f"{', ' * bool(did)}dropped {step.n_dropped:,} of {step.n_in:,} ({percent(step.n_dropped, step.n_in)})"
    parts = [f"<h3>{number}. {_text(step.title)} <small>{_text(step.kind)}: {did}</small></h3>"]
    if step.options:
        parts.append(f"<p><code>{_text(to_yaml(step.options, inline=True))}</code></p>")
    if step.kind == "tag":
        parts.append(_values(step))
    if step.edits:
        parts.append(
            _table(["kind", "pieces:"], [[_text(edit_kind(kind)), f"{n:,}"] for kind, n in step.edits.items()])
        )
    if step.clusters:
        parts.append(_clusters(step.clusters))
    if step.examples:
        parts.append(_EXAMPLES.get(step.kind, _dropped)(step))
    return "\n".join(parts)


def _values(step: Step) -> str:
    rows = [[_text(value), f"{n:,}", percent(n, step.n_in)] for value, n in list(step.counts.items())[:_MAX_COUNTS]]
    more = len(step.counts) - len(rows)
    return _table(["value", "documents:", "share:"], rows) + (
        f'<p class="soft">and {more:,} more values</p>' if more else ""
    )


def _clusters(found: Clusters) -> str:
    largest = ", ".join(f"{n:,}" for n in found.largest[:10])
    rows = [[plural_of, f"{n:,}"] for plural_of, n in found.sizes.items()]
    text = f"<p>{plural(found.n, 'cluster')}{f'; the largest: {largest} documents' if largest else ''}</p>"
    return text + (_table(["documents in the cluster", "clusters:"], rows) if rows else "")


def _changes(step: Step) -> str:
    return _table(["before", "after"], [list(mark(*example[:2])) for example in step.examples], "texts")


def _dropped(step: Step) -> str:
    rows = [[_marked("", text), _text(reason)] for text, reason in step.examples]
    return _table(["dropped", "reason"], rows, "texts why")


def _joined(step: Step) -> str:
    rows = [[_marked("", text), _text(what)] for text, what in step.examples]
    return _table(["document", "what it is"], rows, "texts why")


def _duplicates(step: Step) -> str:
    rows = [[*mark(gone, kept), _text(similarity)] for gone, kept, similarity in step.examples]
    return _table(["removed", "kept", "similarity"], rows, "texts why")


_EXAMPLES = {"edit": _changes, "dedup": _duplicates, "group": _joined}


def _vocabularies(s: Summary) -> str:
    if not s.vocab:
        return ""
    rows = [[_text(v["name"]), *facts(v).values(), f"<code>{_text(v['path'])}</code>"] for v in s.vocab]
    return _table(["name", *facts(s.vocab[0]), "folder"], rows) + f"<p>{LEGEND}</p>"


def _files(s: Summary) -> str:
    rows = [
        [f"<code>{_text(f.path)}</code>", f.what, f"{f.n_files:,}", f"{f.n_rows:,}", size(f.n_bytes)] for f in s.folders
    ]
    return _table(["folder", "what", "files:", "rows:", "size:"], rows)


def _inputs(s: Summary, manifest: Manifest) -> str:
    rows = [
        [
            f"<code>{_text(entry['path'])}</code>",
            _text(f"{entry['format']}, {entry['compression']}" if entry["compression"] else entry["format"]),
            size(entry["n_bytes"]),
            f"{entry['n_rows']:,}",
            f"<code>{_text(entry['digest'][:12])}</code>",
        ]
        for entry in manifest["inputs"][:_MAX_COUNTS]
    ]
    more = len(manifest["inputs"]) - len(rows)
    text = f"<p>{plural(s.n_files, 'file')}, {plural(s.n_rows, 'row')}, {s.n_blank:,} of them blank"
    if s.ignored_columns:
        text += f"; columns left behind: {_text(', '.join(s.ignored_columns))}"
    table = _table(["file", "format", "size:", "rows:", "digest"], rows)
    return f"{text}</p>\n{table}" + (f'<p class="soft">and {more:,} more, in manifest.json</p>' if more else "")
