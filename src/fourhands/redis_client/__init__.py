"""How Redis is reached by whatever of ours talks to it: over TLS, in a Redis Cluster, and told to end."""
