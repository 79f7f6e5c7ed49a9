"""Events of machine-learning models: the log generator of the example (`kbuild generate`, `python -m generator`)."""
