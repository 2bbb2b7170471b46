"""Naive twins of the kernels of `schedule`: plain lists, every choice looked at every time.

Working time is a list of unrolled windows, a counted resource the list of stays that hold it.
"""

WEEK = 604_800
FAR = 1 << 61


class Floor:
    """What has been placed so far: a lane a unit, a list of stays a resource."""

    def __init__(self, p):
        self.p = p
        self.free = [int(t) for t in p.shop.lanes[:, 0]]
        self.family = [int(f) for f in p.shop.lanes[:, 1]]
        self.stays = [[] for _ in p.shop.limit]
        for resource, finish in p.shop.held.tolist():
            self.stays[resource].append((p.now, finish))
        self.placed = {}
        for load in p.loads.frozen.tolist():
            mode, start = int(p.loads.old_mode[load]), int(p.loads.old_start[load])
            ready = self.ready(mode)
            if ready is not None and ready <= start:
                times = self.earliest(mode, start)
                if times[2] == start:
                    self.put(mode, times)

    def windows(self, calendar):
        first, end, tail, _ = (int(x) for x in self.p.shop.calendars[calendar])
        known = [tuple(span) for span in self.p.shop.windows[first:end].tolist()]
        weeks = [
            (a + turn * WEEK, b + turn * WEEK)
            for turn in range(1, 30)
            for a, b in known[len(known) - tail :]
        ]
        return known + weeks

    def ready(self, mode):
        loads, load = self.p.loads, int(self.p.modes.load[mode])
        unit, ready = int(self.p.modes.unit[mode]), int(loads.ready[load])
        for before, *fact in loads.source[
            loads.source_ptr[load] : loads.source_ptr[load + 1]
        ].tolist():
            origin, finish = fact
            if before >= 0:
                if before not in self.placed:
                    return None
                source, _, _, _, finish = self.placed[before]
                origin = int(self.p.modes.unit[source])
            ready = max(ready, finish + int(self.p.shop.travel[origin, unit]))
        return ready

    def setup(self, unit, family):
        matrix, before = self.p.shop.setup[unit], self.family[unit]
        if matrix < 0 or family < 0 or before == family:
            return 0
        return int(self.p.shop.change[matrix][before if before >= 0 else -1][family])

    def earliest(self, mode, ready):
        """Return setup, setup start, start and finish."""
        p, load, unit = self.p, int(self.p.modes.load[mode]), int(self.p.modes.unit[mode])
        setup = self.setup(unit, int(p.loads.family[load]))
        work, calendar = int(p.modes.seconds[mode]), int(p.modes.calendar[mode])
        needs = p.loads.need[p.loads.need_ptr[load] : p.loads.need_ptr[load + 1]].tolist()
        if not p.shop.pause[unit] and setup + work > p.shop.calendars[calendar, 3]:
            return setup, FAR, FAR, FAR
        windows = self.windows(calendar)
        while True:
            stay = paused if p.shop.pause[unit] else whole
            times = stay(windows, self.free[unit], setup, ready, work)
            ends = [self.full_until(r, times[1], times[2]) for r in needs]
            if not any(ends):
                return setup, *times
            ready = max(end for end in ends if end)

    def full_until(self, resource, start, finish):
        """Return when a resource full at some instant of [start, finish) is next not full."""
        if start >= finish:
            return None
        stays = self.stays[resource]

        def used(t):
            return sum(a <= t < b for a, b in stays)

        for t in sorted({start, *(a for a, _ in stays if start < a < finish)}):
            if used(t) >= self.p.shop.limit[resource]:
                edges = sorted({x for stay in stays for x in stay if x > t})
                return next(x for x in edges if used(x) < self.p.shop.limit[resource])
        return None

    def put(self, mode, times):
        p, load, unit = self.p, int(self.p.modes.load[mode]), int(self.p.modes.unit[mode])
        self.placed[load] = (mode, *times)
        self.free[unit] = times[3]
        if p.loads.family[load] >= 0:
            self.family[unit] = int(p.loads.family[load])
        if times[2] < times[3]:
            for resource in p.loads.need[p.loads.need_ptr[load] : p.loads.need_ptr[load + 1]]:
                self.stays[resource].append((times[2], times[3]))

    def result(self):
        """Return the rows of `placed`, -1 where a load has no place."""
        num = self.p.loads.ready.size
        return [[self.placed.get(load, (-1,) * 5)[k] for load in range(num)] for k in range(5)]


def whole(windows, free, setup, ready, work):
    for opens, close in windows:
        start = max(ready, max(free, opens) + setup)
        if max(free, ready) < close and start + max(work, 1) <= close:
            return start - setup, start, start + work
    raise AssertionError("the unrolled windows end too early")


def paused(windows, free, setup, ready, work):
    def forward(t, seconds):
        pieces = [(max(t, a), b) for a, b in windows if b > t]
        begin = pieces[0][0]
        for a, b in pieces:
            if seconds <= b - a:
                return begin, a + seconds
            seconds -= b - a
        raise AssertionError("the unrolled windows end too early")

    _, tooled = forward(free, setup)
    start, finish = forward(max(tooled, ready), work)
    begin = start
    for a, b in reversed([(a, min(b, start)) for a, b in windows if a < start]):
        if setup == 0:
            break
        taken = min(setup, b - a)
        begin, setup = b - taken, setup - taken
    return begin, start, finish


def dispatch(p, slack_scale, delay_scale):
    floor = Floor(p)
    num = p.loads.ready.size
    while len(floor.placed) < num:
        seen = []
        for mode in range(p.modes.load.size):
            load, unit = int(p.modes.load[mode]), int(p.modes.unit[mode])
            ready = None if load in floor.placed else floor.ready(mode)
            if ready is not None:
                seen.append((floor.earliest(mode, ready), unit, load, mode))
        soonest, unit = min((times[2], unit) for times, unit, _, _ in seen)
        if soonest == FAR:
            break

        def index(times, load, mode, soonest=soonest):
            slack = max(int(p.loads.aim[load]) - times[2] - int(p.modes.seconds[mode]), 0)
            index = float(p.modes.merit[mode]) - slack / slack_scale
            return index - (times[2] - soonest) / delay_scale

        _, _, mode, times = max(
            (index(times, load, mode), -load, mode, times)
            for times, u, load, mode in seen
            if u == unit and times[1] <= soonest
        )
        floor.put(mode, times)
    return floor.result()


def decode(p, sequence, choice, earliest):
    floor = Floor(p)
    for load in sequence:
        if load in floor.placed:
            continue
        modes = range(p.modes.ptr[load], p.modes.ptr[load + 1])
        if choice[load] >= 0:
            modes = [int(choice[load])]
        tried = [(floor.earliest(m, max(floor.ready(m), int(earliest[load]))), m) for m in modes]
        times, mode = min(tried, key=lambda one: one[0][3])
        if times[3] >= FAR:
            break
        floor.put(mode, times)
    return floor.result()
