"""Runners that servers share by way of Redis: how they are found, whose turn it is, and the streams of a run."""
