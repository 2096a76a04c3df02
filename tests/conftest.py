"""What every test shares: hypothesis draws the same examples on every machine, however slow."""

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

pytest_plugins = ["tests.small_run"]  # fixtures that several rooms use
