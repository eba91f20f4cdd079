"""Measuring how well questions find what answers them, and what is refused."""
