"""`python -m tests.faults`: the long run; `--seed` repeats one."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from pathlib import Path

from tests.faults.chaos import Plan, chaos
from tests.faults.servers import SERVERS


def main() -> int:
    """Run, and print what came of it; 0 if nothing went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--messages", type=int, default=5000, help="each way")
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--server", choices=SERVERS, default="prosody")
    parser.add_argument("--keep", type=Path, help="a folder for the records, traces and logs")
    plan = Plan(**vars(parser.parse_args()))
    print(f"{plan.server}, seed {plan.seed}", file=sys.stderr)
    outcome = asyncio.run(chaos(plan, verbose=True))
    print(outcome)
    return 0 if outcome.is_good else 1


sys.exit(main())
