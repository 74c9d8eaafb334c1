"""Records for reference managers: RIS, BibTeX, CSL-JSON, EndNote XML, PubMed, and citations.

A module a format; ``parts`` says what of a record no format has a field for, and how it stands in
notes so that our own reader, and people, know it again.
"""
