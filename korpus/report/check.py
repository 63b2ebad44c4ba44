"""`korpus check`: a recipe filled in, and what its run would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korpus.errors import Unreadable
from korpus.figures import plural, size, told_passed_over, visible
from korpus.io.readers import all_splits, read_split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from korpus.io.readers import InputFile
    from korpus.plan import Pass, Plan
    from korpus.plan.estimate import Estimate
    from korpus.plan.sources import InputSource
    from korpus.recipe import Recipe

N_FILES_SHOWN, N_ROWS_SHOWN, N_COLUMNS_SHOWN, N_CHARS_SHOWN = 10, 3, 8, 60


def _recipe_text(recipe: Recipe) -> str:
    import yaml

    return yaml.safe_dump(recipe.filled(), allow_unicode=True, sort_keys=False, width=100)


def _pass_text(pass_: Pass, n_passes: int, sources: tuple[InputSource, ...]) -> list[str]:
    chain = " → ".join(stage.name for stage in pass_.chain) or "(no stages)"
    if pass_.number == 0:
        own = [f"{s.name}: {', '.join(x.name for x in s.stages)}" for s in sources if s.stages]
        chain = " → ".join(["read", *([f"({'; '.join(own)})"] if own else []), chain])
    elif pass_.before:
        chain = f"drop duplicates ({', '.join(stage.name for stage in pass_.before)}) → {chain}"
    end = " → write" if pass_.last else f" → sketch {', '.join(stage.name for stage in pass_.sketched)}"
    lines = [f"  pass {pass_.number + 1} of {n_passes}: {chain}{end}"]
    if not pass_.last:
        lines.append(f"  then resolve: {', '.join(stage.name for stage in pass_.sketched)}")
    return lines


def first_rows(plan: Plan) -> list[str]:
    """Return the first documents of each source, as they were understood."""
    lines = ["", "First documents, as they are read"]
    for number, source in enumerate(plan.sources):
        left = N_ROWS_SHOWN
        for file in plan.files:
            if plan.of_source[file.index] == number and file.n_bytes and left:
                for row in _rows_of(file, source, left):
                    lines.append(f"  {source.name}: {row}" if source.name else f"  {row}")
                    left -= 1
    return lines


def _rows_of(file: InputFile, source: InputSource, n: int) -> Iterator[str]:
    try:
        for split, chunk, _ in all_splits(file, source.options):
            for block in read_split(split, chunk, source.columns, source.options):
                for bad in block.bad[:n]:
                    yield f"(rejected: {bad.reason}: {visible(bad.detail)})"
                n -= min(n, len(block.bad))
                for row in zip(*(column.slice(0, n).to_pylist() for column in block.batch.columns)):
                    named = zip(("text", *source.columns.names), row)
                    yield "  ".join(f"{visible(name)}={_cell(value)}" for name, value in list(named)[:N_COLUMNS_SHOWN])
                    n -= 1
                if n <= 0:
                    return
    except Unreadable as error:
        yield f"(cannot be read: {visible(str(error))})"


def _cell(value: object) -> str:
    shown = visible(repr(value))
    return shown if len(shown) <= N_CHARS_SHOWN else f"{shown[:N_CHARS_SHOWN]}…"


def render(recipe: Recipe, plan: Plan | None = None, needs: Estimate | None = None, free_bytes: int = 0) -> str:
    """Return a filled-in recipe and, with a plan, the passes, the input and what the run needs.

    Parameters
    ----------
    recipe : Recipe
    plan : Plan, optional
        None if no input was given.
    needs : Estimate, optional
        Goes with `plan`.
    free_bytes : int
        How much is free where the output is to go.
    """
    lines = [f"# recipe {recipe.name}, with every default filled in", _recipe_text(recipe)]
    own = [stage for source in recipe.sources.values() for stage in source.stages]
    remarks = [f"  {stage.name}: {remark}" for stage in (*own, *recipe.stages) for remark in stage.remarks()]
    lines += ["Remarks", *remarks, ""] if remarks else []
    if plan is None or needs is None:
        return "\n".join([*lines, "No input was given: name files with -i to see the passes and what they need."])
    lines.append("Passes")
    for pass_ in plan.passes:
        lines += _pass_text(pass_, len(plan.passes), plan.sources)
    lines += ["", "Input"]
    for file in plan.files[:N_FILES_SHOWN]:
        compressed = f", {file.compression}" if file.compression else ""
        encoding = "" if file.format in ("parquet", "arrow") else f", {file.encoding}"
        whose = f"{plan.source(file.index).name}: " if recipe.sources else ""
        lines.append(f"  {whose}{file.path} ({file.format}{compressed}{encoding}, {size(file.n_bytes)})")
    if len(plan.files) > N_FILES_SHOWN:
        lines.append(f"  … and {plural(len(plan.files) - N_FILES_SHOWN, 'more file')}")
    carried = dict.fromkeys(name for source in plan.sources for name in source.columns.names)
    lines.append(f"  columns carried along: {', '.join(carried) or 'none'}")
    splits, docs = plural(needs.n_splits, "split"), plural(needs.n_docs, "document")
    lines.append(f"  about {splits}, {docs}, {size(needs.text_bytes)} of text")
    lines += [f"  warning: {warning}" for warning in (*plan.warnings, *told_passed_over(plan.passed_over))]
    lines += first_rows(plan)
    lines += [
        f"  warning: {name} changes numbers in {n:,} of the first {plural(needs.n_sampled, 'document')}: it shortens "
        "runs of digits too (10000원 becomes 100원)"
        for name, n in needs.numbers.items()
    ]
    lines += [
        "",
        "Needs, estimated from the head of the input",
        f"  disk    {size(needs.disk_bytes)}: {size(needs.part_bytes)} documents between passes, "
        f"{size(needs.spill_bytes)} sketches of duplicates, {size(needs.output_bytes)} output",
        f"  free    {size(free_bytes)} on that disk{'' if needs.disk_bytes <= free_bytes else ': NOT ENOUGH'}",
        f"  memory  up to {size(needs.memory_bytes)}, all processes together",
    ]
    return "\n".join(lines)
