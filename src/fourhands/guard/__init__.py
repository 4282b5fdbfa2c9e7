"""Protection that is not about rights in a room: how often somebody may, who is banned, and the log of who did what."""
