"""The command ``evidence-search``: parse, call, print.  The only door to click.

``registry`` says which commands there are, without click; ``commands`` has each in a module of
its own, imported only when it runs; ``main`` puts them together.
"""
