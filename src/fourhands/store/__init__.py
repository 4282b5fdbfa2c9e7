"""Where rooms are kept; `port.py` says what a store must do, `sql/` is the one adapter."""
