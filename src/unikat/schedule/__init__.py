"""Flexible job shop: build the problem from the orders, construct, improve, check and repair a schedule."""
