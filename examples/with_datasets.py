"""Clean a Hugging Face dataset with `map`; a pipeline is a function from batch to batch.

From the root of the repository:  python examples/with_datasets.py
"""

import sys

import korpus


def main():
    try:
        from datasets import load_dataset
    except ImportError:
        sys.exit("this example needs the package datasets; install it with: pip install datasets")

    raw = load_dataset("json", data_files="examples/comments.jsonl", split="train")
    # Documents that are dropped are missing from the batch that comes back; datasets allows that with batched=True.
    # A pipeline pickles, so num_proc=8 works as well; its options are part of the fingerprint that map caches under.
    clean = raw.map(korpus.load("kcelectra"), batched=True, batch_size=1000)

    print(f"{raw.num_rows} documents in, {clean.num_rows} out")
    print(f"before: {raw[0]['text']}")
    print(f"after:  {clean[0]['text']}")


if __name__ == "__main__":
    main()
