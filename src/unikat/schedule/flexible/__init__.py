"""Flexible job shop by itself: read a .fjs text, find a short schedule, prove how short it can be.

A folder of its own beside the plant's scheduler, for it shares neither values nor loops with it:
here are no calendars, setups or due dates, and all there is to judge a schedule by is its makespan.
"""
