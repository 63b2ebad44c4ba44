"""Clean texts inside a SQL query of DuckDB; dropped texts are NULL.

From the root of the repository:  python examples/with_duckdb.py
"""

import sys

import korpus


def main():
    try:
        import duckdb
    except ImportError:
        sys.exit("this example needs the package duckdb; install it with: pip install duckdb")

    connection = duckdb.connect()
    # DuckDB hands over Arrow columns of 2,048 rows; "special" lets the function itself say what becomes of NULL.
    connection.create_function(
        "clean", korpus.load("kcelectra").clean, ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special"
    )
    connection.sql("CREATE TABLE comments AS SELECT *, clean(text) AS cleaned FROM 'examples/comments.jsonl'")
    print(
        connection.sql("SELECT category, count(*) AS n, count(cleaned) AS kept FROM comments GROUP BY ALL ORDER BY n")
    )
    for text, cleaned in connection.sql("SELECT text, cleaned FROM comments WHERE text != cleaned LIMIT 3").fetchall():
        print(f"before: {text}\nafter:  {cleaned}")


if __name__ == "__main__":
    main()
