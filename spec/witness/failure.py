"""A refusal: one code of spec/10-failures.md, and where it helps a place."""


class Failure(Exception):
    def __init__(self, code, at=""):
        super().__init__(code, at)
        self.code = code
        self.at = at


def require(holds, code, at=""):
    """One step of a procedure: the first that fails names the failure (README, Conventions 7)."""
    if not holds:
        raise Failure(code, at)


def renamed(code, step, *arguments):
    """Runs a step whose faults of shape have another code in this place (02-bytes, Limits)."""
    try:
        return step(*arguments)
    except Failure as failure:
        if failure.code != "statement.bad-schema":
            raise
        raise Failure(code, failure.at) from None
