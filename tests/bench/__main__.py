"""`python -m tests.bench NAME ...`: run some of the benches, or list them.

`peers` and `growth` stand alone, and take arguments: `python -m tests.bench peers --help`.
"""

from __future__ import annotations

import sys

from tests.bench import (
    beside,
    catchup,
    day,
    flood,
    growth,
    idle,
    keys,
    loops,
    memory,
    paint,
    presences,
    room,
    rooms,
    roster,
    screen,
    send,
    start,
    store,
    words,
)

BENCHES = {
    "loops": loops,
    "paint": paint,
    "keys": keys,
    "flood": flood,
    "idle": idle,
    "start": start,
    "memory": memory,
    "presences": presences,
    "room": room,
    "rooms": rooms,
    "roster": roster,
    "screen": screen,
    "send": send,
    "catchup": catchup,
    "day": day,
    "store": store,
    "words": words,
}

# Those that take arguments.
WITH_ARGUMENTS = {"peers": beside.main, "growth": growth.main}


def main() -> int:
    names = sys.argv[1:]
    if names and names[0] in WITH_ARGUMENTS:
        return WITH_ARGUMENTS[names[0]](names[1:])
    unknown = [name for name in names if name not in BENCHES]
    if not names or unknown:
        for name, module in {"peers": beside, "growth": growth, **BENCHES}.items():
            print(f"{name:9} {(module.__doc__ or '').splitlines()[0]}")
        return 64 if unknown else 0
    for name in names:
        BENCHES[name].main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
