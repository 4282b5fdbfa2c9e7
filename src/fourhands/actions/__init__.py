"""One verb a file: authorise, then orchestrate room and store. Called by the edges."""
