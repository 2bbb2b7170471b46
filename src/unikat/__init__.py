"""Unikat: one model of the family and one of the plant, from a valid choice to a shipped order."""
