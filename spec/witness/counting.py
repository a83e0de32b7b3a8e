"""spec/13-keys-over-time.md, Counting: whether a statement counts on a log of a size."""


def counts(statement, size):
    """Its `disputed` are the spans of log sizes at which it is disputed."""
    spans = statement.get("disputed", [])
    return not any(one["from"] <= size and ("to" not in one or size < one["to"]) for one in spans)
