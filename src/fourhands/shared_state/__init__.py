"""What the instances of one installation have in common besides its rooms: counts of rates, and words for all of them. Kept in Redis, where that is set."""
