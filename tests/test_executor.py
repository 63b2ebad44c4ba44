"""A run knows no more of what carries it out than the protocol says."""

import korpus
from tests.corpus import RECIPE, documents, tree, write_jsonl


class Backwards:
    """Runs tasks in this process, some of them twice, and gives the results of `run` from the last to the first."""

    workers = workers_per_machine = 3
    near = False

    def __init__(self):
        self.calls = []

    def give(self, plan, layout):
        self.calls.append("give")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.calls.append("exit")

    def warm_up(self, function, *args):
        self.calls.append("warm up")

    def run(self, function, tasks):
        tasks = list(tasks)
        for args in tasks[::2]:
            function(*args)
        yield from [function(*args) for args in reversed(tasks)]

    def map(self, function, items):
        items = list(items)
        results = {i: function(item) for i, item in reversed(list(enumerate(items)))}
        yield from (results[i] for i in range(len(items)))


def test_another_executor_makes_the_same_bytes(tmp_path):
    source, engine = write_jsonl(tmp_path / "raw.jsonl", documents(150)), Backwards()
    korpus.run(RECIPE, [source], tmp_path / "a", workers=1, quiet=True)
    korpus.run(RECIPE, [source], tmp_path / "b", quiet=True, engine=engine)
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    assert engine.calls == ["give", "warm up", "exit"]
