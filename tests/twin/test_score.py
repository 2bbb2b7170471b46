import pytest

from unikat.events import ForecastMade, OrderForecast
from unikat.twin.score import ForecastScore, score_forecasts


def test_each_order_counts_once_however_often_it_was_forecast():
    made = [
        ForecastMade(
            0,
            1,
            9,
            (OrderForecast("O-1", 90, 100, 110, 0.9), OrderForecast("O-2", 50, 60, 70, 0.5)),
        ),
        ForecastMade(10, 1, 9, (OrderForecast("O-1", 101, 105, 108, 0.7),)),
    ]
    score = score_forecasts(made, {"O-1": 100, "O-2": 80}, {"O-1": 100, "O-2": 70})
    assert score == ForecastScore(
        num_orders=2,
        covered=pytest.approx(0.25),
        below_p90=pytest.approx(0.5),
        p_on_time=pytest.approx(0.65),
        on_time=pytest.approx(0.5),
        bias=9,
        error=11,
    )


def test_what_was_said_after_the_finish_or_of_unfinished_orders_does_not_count():
    made = [
        ForecastMade(
            200,
            1,
            9,
            (OrderForecast("O-1", 100, 100, 100, 1.0), OrderForecast("O-3", 1, 2, 3, 0.0)),
        )
    ]
    assert score_forecasts(made, {"O-1": 100}, {"O-1": 100}).num_orders == 0
