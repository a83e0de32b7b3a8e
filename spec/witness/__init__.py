"""A second reading of the specification, in Python's standard library alone.

Each module follows one page of spec/ and names the clauses it obeys. Nothing here is tuned for speed beyond what a run of
all vectors needs; where the page lists steps, the code has the same steps in the same order.
"""
