"""The page: searching in a browser, on the same library, for who has no shell.

``asked`` is what an address asks for, ``site`` answers it, ``strategies`` is what it shows of one,
``posts`` what its forms change, ``api`` answers the same as JSON, in the ``shapes`` that it
describes, ``guard`` decides who is answered, ``patience`` how long who doesn't read is waited for,
and ``serving`` runs it.  Extra: ``web`` (starlette, uvicorn, python-multipart).
"""
