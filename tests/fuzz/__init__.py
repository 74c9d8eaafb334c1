"""Programs that fuzz the package; see README.md."""
