"""Work off the request, one module for each kind of job: where ideas meet the pipeline."""
