"""Work off the request: the one place where ideas meet the pipeline."""
