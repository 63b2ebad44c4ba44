"""``python -m korpus``."""

from korpus.cli import main

if __name__ == "__main__":
    main()
