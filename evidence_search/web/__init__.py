"""The page: searching in a browser, on the same library, for who has no shell.

``asked`` is what an address asks for, ``site`` answers it, ``guard`` decides who is answered,
``patience`` how long who doesn't read is waited for, and ``serving`` runs it.  It only reads.
Extra: ``web`` (starlette, uvicorn).
"""
