"""fourhands: a self-hosted room where people write and run code together."""

__version__ = "0.1.0"
