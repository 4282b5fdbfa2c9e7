"""What the product talks about, as frozen dataclasses: no behaviour that needs I/O."""
