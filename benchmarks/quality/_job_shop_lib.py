"""The dispatching rules of job-shop-lib as a peer, in a Python that has it installed.

It pins an older ortools than ours, so it seldom lives in our environment: `PROGRAM` is run by the
Python of `--peer-python`, with a shop and the rules as JSON on standard input. Its own choosers of
machines take the first or any; it gets one that takes the machine where the step starts soonest.
"""

import json
import subprocess
import sys

from unikat.schedule.flexible.model import FlexibleShop

RULES = (
    "shortest_processing_time",
    "first_come_first_served",
    "most_work_remaining",
    "most_operations_remaining",
)
PROGRAM = """
import json, sys
from job_shop_lib import JobShopInstance, Operation
from job_shop_lib.dispatching.rules import DispatchingRuleSolver
jobs, rules = json.load(sys.stdin)
shop = JobShopInstance([[Operation(units, work) for units, work in job] for job in jobs])

def soonest(dispatcher, operation):
    return min(operation.machines, key=lambda unit: dispatcher.start_time(operation, unit))

solvers = [DispatchingRuleSolver(rule, machine_chooser=soonest) for rule in rules]
print(min(solver.solve(shop).makespan() for solver in solvers))
"""


def find_fault(python: str) -> str:
    """Return why the peer cannot be asked there, or nothing."""
    try:
        found = subprocess.run([python, "-c", "import job_shop_lib"], capture_output=True)
    except OSError as error:
        return f"--peer-python {python} cannot be run: {error}"
    if found.returncode:
        return (
            f"job-shop-lib is not installed in {python}; make an environment, "
            "`pip install job-shop-lib` there, and name its Python with --peer-python"
        )
    return ""


def by_rules(shop: FlexibleShop, python: str) -> int | None:
    """Return the best makespan of its rules; None where durations depend on the machine."""
    jobs = []
    for first, end in zip(shop.job_ptr, shop.job_ptr[1:], strict=False):
        job = []
        for step in range(first, end):
            modes = slice(shop.mode_ptr[step], shop.mode_ptr[step + 1])
            works = set(shop.mode_work[modes].tolist())
            if len(works) > 1:
                return None
            job.append((shop.mode_unit[modes].tolist(), works.pop()))
        jobs.append(job)
    text = json.dumps((jobs, RULES))
    found = subprocess.run(
        [python, "-c", PROGRAM], input=text, capture_output=True, text=True, check=False
    )
    if found.returncode:
        sys.exit(f"job-shop-lib failed: {found.stderr[-400:]}")
    return int(found.stdout)
