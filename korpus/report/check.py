"""`korpus check` as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korpus.figures import plural, size, told_passed_over, visible
from korpus.plan.check import UNREADABLE

if TYPE_CHECKING:
    from korpus.plan.check import Check, FirstDocument, InputFacts, PassSteps
    from korpus.plan.estimate import Estimate

N_FILES_SHOWN, N_COLUMNS_SHOWN, N_CHARS_SHOWN = 10, 8, 60


def render(found: Check) -> str:
    """Return a filled-in recipe and, if there is input, the passes, the input and what the run needs."""
    import yaml

    recipe = yaml.safe_dump(found.recipe, allow_unicode=True, sort_keys=False, width=100)
    lines = [f"# recipe {found.recipe['name']}, with every default filled in", recipe]
    remarks = [f"  {each.stage}: {each.remark}" for each in found.remarks]
    lines += ["Remarks", *remarks, ""] if remarks else []
    if found.needs is None:
        return "\n".join([*lines, "No input was given: name files with -i to see the passes and what they need."])
    lines.append("Passes")
    for number, steps in enumerate(found.passes, 1):
        lines += _pass(steps, number, len(found.passes))
    lines += ["", "Input", *map(_file, found.files[:N_FILES_SHOWN])]
    if len(found.files) > N_FILES_SHOWN:
        lines.append(f"  … and {plural(len(found.files) - N_FILES_SHOWN, 'more file')}")
    lines.append(f"  columns carried along: {', '.join(found.columns) or 'none'}")
    splits, docs = plural(found.needs.n_splits, "split"), plural(found.needs.n_docs, "document")
    lines.append(f"  about {splits}, {docs}, {size(found.needs.text_bytes)} of text")
    passed_over = told_passed_over([(each.path, each.why) for each in found.passed_over])
    lines += [f"  warning: {warning}" for warning in (*found.warnings, *passed_over)]
    lines += ["", "First documents, as they are read", *map(_document, found.first)]
    lines += _needs(found.needs, found.free_bytes or 0)
    return "\n".join(lines)


def _pass(steps: PassSteps, number: int, n_passes: int) -> list[str]:
    own = "; ".join(f"{source}: {', '.join(stages)}" for source, stages in steps.own.items())
    parts = ["read"] if number == 1 else []
    parts += [f"drop duplicates ({', '.join(steps.drops)})"] if steps.drops else []
    parts += [f"({own})"] if own else []
    decided = ", ".join(steps.resolves)
    parts += [" → ".join(steps.chain) or "(no stages)", f"sketch {decided}" if decided else "write"]
    lines = [f"  pass {number} of {n_passes}: {' → '.join(parts)}"]
    return [*lines, f"  then resolve: {decided}"] if decided else lines


def _file(file: InputFacts) -> str:
    what = ", ".join(filter(None, (file.format, file.compression, file.encoding, size(file.n_bytes))))
    return f"  {file.source}: {file.path} ({what})" if file.source else f"  {file.path} ({what})"


def _document(document: FirstDocument) -> str:
    if document.reason == UNREADABLE:
        told = f"(cannot be read: {visible(document.detail)})"
    elif document.reason:
        told = f"(rejected: {document.reason}: {visible(document.detail)})"
    else:
        cells = [("text", document.text), *document.columns.items()]
        told = "  ".join(f"{visible(name)}={_cell(value)}" for name, value in cells[:N_COLUMNS_SHOWN])
    return f"  {document.source}: {told}" if document.source else f"  {told}"


def _cell(value: object) -> str:
    shown = visible(repr(value))
    return shown if len(shown) <= N_CHARS_SHOWN else f"{shown[:N_CHARS_SHOWN]}…"


def _needs(needs: Estimate, free_bytes: int) -> list[str]:
    return [
        *(
            f"  warning: {name} changes numbers in {n:,} of the first {plural(needs.n_sampled, 'document')}: it "
            "shortens runs of digits too (10000원 becomes 100원)"
            for name, n in needs.numbers.items()
        ),
        "",
        "Needs, estimated from the head of the input",
        f"  disk    {size(needs.disk_bytes)}: {size(needs.part_bytes)} documents between passes, "
        f"{size(needs.spill_bytes)} sketches of duplicates, {size(needs.output_bytes)} output",
        f"  free    {size(free_bytes)} on that disk{'' if needs.disk_bytes <= free_bytes else ': NOT ENOUGH'}",
        f"  memory  up to {size(needs.memory_bytes)}, all processes together",
    ]
