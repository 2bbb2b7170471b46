"""Seconds from a family's text to the exact status of its options, compiled code being warm."""

from _models import cpu_seconds, load, parser_of, read_models, report, warm_up

from unikat.configure import open_choice


def main() -> None:
    options = parser_of(__doc__).parse_args()
    warm_up()
    measures = {}
    for name, text in read_models(options).items():
        family, seconds = cpu_seconds(load, text)
        choice, first = cpu_seconds(open_choice, family)
        statuses = choice.statuses()
        assert len(statuses) == len(family.features)
        clauses = len(family.clauses.hard) + sum(len(part.clauses) for part in family.clauses.parts)
        measures[f"{name}_load_s"] = seconds + first
        measures[f"{name}_features"] = len(family.features)
        measures[f"{name}_clauses"] = clauses
    measures["load_s"] = max(value for key, value in measures.items() if key.endswith("_load_s"))
    report("family_load", options, measures)


if __name__ == "__main__":
    main()
