"""Long commands end in time, or at Ctrl-C with what there is."""

import signal

import pytest

from unikat.edge.patience import patience, run_beside


def test_the_first_interrupt_is_a_wish_and_the_second_ends():
    usual = signal.getsignal(signal.SIGINT)
    with patience(None) as patient:
        assert not patient.is_over()
        signal.raise_signal(signal.SIGINT)
        assert patient.is_over()
        assert patient.until(0.1)()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is usual


def test_patience_ends_after_its_seconds_and_parts_of_it_earlier():
    with patience(3600.0) as patient:
        assert not patient.is_over()
        patient.begin -= 1800
        assert patient.until(0.4)()
        assert not patient.until(0.6)()
        patient.begin -= 1801
        assert patient.is_over()


def test_an_interrupt_reaches_work_that_runs_beside():
    def work():
        signal.raise_signal(signal.SIGINT)
        while not patient.is_over():
            pass
        return "what there is"

    with patience(60.0) as patient:
        assert run_beside(work) == "what there is"
        assert patient.is_interrupted


def test_an_error_of_work_that_runs_beside_is_told():
    with pytest.raises(ValueError, match="too bad"):
        run_beside(lambda: int("too bad"))
