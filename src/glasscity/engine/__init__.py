"""The day, the run, and what runs them: plain Python or compiled threads."""
