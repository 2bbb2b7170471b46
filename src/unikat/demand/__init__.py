"""Who wants what: simulated shoppers today, choice models and forecasts of options later."""

from unikat.demand.shoppers import Shopper, draw_shoppers

__all__ = ["Shopper", "draw_shoppers"]
