"""Seconds to count the valid configurations of a family, and how many counts are wrong.

Known counts are read from `counts.json` (model -> number) in the data folder, where there is one.
"""

import json

from _models import cpu_seconds, load, parser_of, read_models, report

from unikat.configure.count import count_configurations

KNOWN = {
    "berkeleydb": 32,
    "eshop": 247496437923840,
    "finserv-first": 430,
    "pc-richmond": 554424990964054425600,
    "printer": 2278241108363321839974600000,
    "routefinding": 1777705574400,
}
"""Exact counts of the public collection (its README)."""


def main() -> None:
    options = parser_of(__doc__).parse_args()
    known, path = dict(KNOWN), options.data and options.data / "counts.json"
    if path and path.exists():
        known.update(json.loads(path.read_text()))
    measures = {"count_wrong": 0, "count_exact": 0, "count_s": 0.0}
    for name, text in read_models(options).items():
        count, seconds = cpu_seconds(count_configurations, load(text))
        print(name, "" if count.is_exact else "at least", str(count.number)[:40], flush=True)
        measures[f"{name}_count_s"] = seconds
        measures[f"{name}_digits"] = len(str(count.number)) if count.is_exact else 0
        measures["count_exact"] += count.is_exact
        if name in known:
            is_right = known[name] == count.number or (
                not count.is_exact and count.number <= known[name]
            )
            measures["count_wrong"] += not is_right
        measures["count_s"] = max(measures["count_s"], seconds)
    report("configure_count", options, measures)


if __name__ == "__main__":
    main()
