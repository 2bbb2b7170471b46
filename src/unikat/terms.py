"""Ids, plant time, money, lengths: the words every room shares.

House units: integer seconds since the site epoch, integer cents of the one site currency,
millimetres, grams, kilowatt hours. Other units carry their name in the variable (``_per_h``,
``_kg``).
"""

from typing import NewType, TypeAlias

Instant: TypeAlias = int
"""A point in plant time: seconds since the site epoch, a Monday 00:00 of local standard time."""
Seconds: TypeAlias = int
"""A length of time."""
Cents: TypeAlias = int
Millimetres: TypeAlias = float
Grams: TypeAlias = float

FeatureName = NewType("FeatureName", str)
ItemId = NewType("ItemId", str)
Capability = NewType("Capability", str)
WorkCenterId = NewType("WorkCenterId", str)
UnitId = NewType("UnitId", str)
ResourceId = NewType("ResourceId", str)
SetupFamily = NewType("SetupFamily", str)
BuildId = NewType("BuildId", str)
StepId = NewType("StepId", str)
OrderId = NewType("OrderId", str)
QuoteId = NewType("QuoteId", str)
HoldId = NewType("HoldId", str)
CustomerId = NewType("CustomerId", str)
EventId = NewType("EventId", str)

MINUTE: Seconds = 60
HOUR: Seconds = 3_600
DAY: Seconds = 86_400
WEEK: Seconds = 604_800
