"""``python -m evidence_search`` is the command ``evidence-search``."""

from evidence_search.cli import main

main()
