"""`korpus check`: a recipe filled in, and what its run would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korpus.report.figures import plural, size

if TYPE_CHECKING:
    from korpus.estimate import Estimate
    from korpus.plan import Pass, Plan
    from korpus.recipe import Recipe
    from korpus.sources import InputSource

N_FILES_SHOWN = 10


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
    lines += [f"  warning: {warning}" for warning in plan.warnings]
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
