"""`python -m fourhands` is the command `fourhands`."""

from fourhands.cli import main

if __name__ == "__main__":
    main()
