"""Small flexible job shops."""

from hypothesis import strategies as st

from unikat.schedule.flexible.fjs import build_shop


@st.composite
def shops(draw, *, most_jobs=4, most_steps=4, most_units=4, shortest=1):
    """Return a shop; each step has one mode on each of some units."""
    num_units = draw(st.integers(1, most_units))
    modes = st.dictionaries(
        st.integers(1, num_units), st.integers(shortest, 9), min_size=1, max_size=3
    )
    step = modes.map(lambda chosen: sorted(chosen.items()))
    job = st.lists(step, min_size=1, max_size=most_steps)
    return build_shop(draw(st.lists(job, min_size=1, max_size=most_jobs)), num_units)


def fjs_text(shop):
    """Write a shop as .fjs text."""
    lines = [f"{shop.num_jobs} {shop.num_units}"]
    for j in range(shop.num_jobs):
        words = [int(shop.job_ptr[j + 1] - shop.job_ptr[j])]
        for s in range(shop.job_ptr[j], shop.job_ptr[j + 1]):
            words.append(int(shop.mode_ptr[s + 1] - shop.mode_ptr[s]))
            for m in range(shop.mode_ptr[s], shop.mode_ptr[s + 1]):
                words += [int(shop.mode_unit[m]) + 1, int(shop.mode_work[m])]
        lines.append(" ".join(map(str, words)))
    return "\n".join(lines) + "\n"
