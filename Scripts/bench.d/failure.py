"""What ends the bench with a sentence instead of a trace."""


class Failure(Exception):
    pass
