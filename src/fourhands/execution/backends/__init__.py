"""Adapters that run programs, one a folder or file; all do what `execution/port.py` says."""
