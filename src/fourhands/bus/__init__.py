"""What carries rooms between instances."""
