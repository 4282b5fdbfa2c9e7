"""What holds for all tests: machines differ in speed, so no example of a property has to be fast."""

from hypothesis import settings

settings.register_profile("any-machine", deadline=None, print_blob=True)
settings.load_profile("any-machine")
