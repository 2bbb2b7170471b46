"""Flexible job shop: build the problem, construct, improve, check and repair a schedule."""

from unikat.schedule.check import check
from unikat.schedule.cost import Prices, cost_of, weigh
from unikat.schedule.problem import ShopProblem, build_problem
from unikat.schedule.repair import right_shift
from unikat.schedule.solve import solve

__all__ = [
    "Prices",
    "ShopProblem",
    "build_problem",
    "check",
    "cost_of",
    "right_shift",
    "solve",
    "weigh",
]
