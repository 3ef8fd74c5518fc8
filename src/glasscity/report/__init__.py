"""From a stored run to figures and pages. Reads files of the run's folder, never the engine."""
