"""What an operator sees of the whole server and does to it: figures of the last hour, who is where, rooms that are about to be ended, whom it takes in."""
