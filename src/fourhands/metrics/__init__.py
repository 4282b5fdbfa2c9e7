"""What Prometheus is told of the server: which metrics there are, what was counted, what is read when somebody asks."""
