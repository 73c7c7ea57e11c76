"""`make bench [ingest] [accounting] [rating] [ROWS=…]`: all by default, each one table beside its plain peers."""

import sys

from tests.bench import accounting, ingest, rating

BENCHES = {"ingest": ingest.main, "accounting": accounting.main, "rating": rating.main}


def main() -> None:
    """Runs the benches that are named; an unknown name ends with status 2."""
    named = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in named if name not in BENCHES]
    if unknown:
        print(f"There is no bench '{unknown[0]}'; there are {', '.join(BENCHES)}.", file=sys.stderr)
        sys.exit(2)
    for name in named:
        BENCHES[name]()


if __name__ == "__main__":
    main()
