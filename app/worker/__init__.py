"""The process beside the web, and what it keeps in memory from job to job."""
