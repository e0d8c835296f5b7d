"""What ends a command with a message instead of a configuration."""


class ConfigError(Exception):
    """A message for the user; nothing has been written."""


class Unwritable(ConfigError, OSError):
    """A configuration that must not be written: menuconfig shows an OSError in a box, and stays."""

    def __init__(self, message):
        super().__init__(message)
        self.strerror = message

    def __str__(self):
        return self.strerror
