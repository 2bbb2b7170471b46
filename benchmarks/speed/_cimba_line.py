"""Cimba's model of the line of `des.py`, played in a process of its own: prints one JSON object."""

import json
import sys
from time import process_time

import cimba as cb
from cimba import inputs

UNITS, BUFFER, MEAN, MTBF, MTTR, JOBS, WARM_UP, REPLICATIONS, SEED = map(int, sys.argv[1:])


class Unit(cb.Model):
    work: cb.Input[float] = inputs.dist.exponential(mean=MEAN)
    life: cb.Input[float] = inputs.dist.exponential(mean=MTBF)
    repair: cb.Input[float] = inputs.dist.exponential(mean=MTTR)
    before: cb.Store[int] = cb.Store(capacity=BUFFER)
    behind: cb.Ref[cb.Store[int]]
    is_first: cb.Param[int] = 0
    is_last: cb.Param[int] = 0
    done: int = 0
    count: float = 0.0
    warm: float = 0.0
    rate: cb.Output[float]
    occurrences: cb.Output[float]

    @cb.process
    def run(self):
        until_fail = self.life.next()
        while True:
            if self.is_first == 0:
                self.before.get()
            left = self.work.next()
            while True:
                spell = min(left, until_fail)
                cb.hold(spell)
                self.count += 1.0
                left -= spell
                until_fail -= spell
                if left <= 0.0:
                    break
                cb.hold(self.repair.next())
                self.count += 1.0
                until_fail = self.life.next()
            self.done += 1
            if self.is_last == 0:
                self.behind.put(1)
            else:
                if self.done == WARM_UP + 1:
                    self.warm = cb.now()
                if self.done == JOBS:
                    self.rate = (JOBS - 1 - WARM_UP) * MEAN / (cb.now() - self.warm)
                    cb.end_trial()

    @cb.on_end
    def measure(self):
        self.occurrences = self.count


class Line(cb.Model):
    units: list[Unit]


line = Line()
line.units = [Unit() for _ in range(UNITS)]
for k, unit in enumerate(line.units):
    unit.behind = line.units[min(k + 1, UNITS - 1)].before
    unit.is_first, unit.is_last = int(k == 0), int(k == UNITS - 1)


def play(replications, seed):
    """Return the results, and the CPU seconds they took."""
    window = cb.Window(duration=float(4 * JOBS * MEAN))
    experiment = cb.Experiment(line, replications=replications, window=window, seed=seed)
    began = process_time()
    found = experiment.run()
    return found, process_time() - began


play(1, SEED)  # compiles before the clock runs
found, seconds = play(REPLICATIONS, SEED)
count = sum(float(found[unit].occurrences.values.sum()) for unit in line.units)
rates = found[line.units[-1]].rate.values.ravel().tolist()
print(json.dumps({"events_per_cpu_s": count / seconds, "rates": rates}))
