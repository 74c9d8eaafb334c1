"""Texts as vectors whose nearness is nearness in meaning, and where they are kept.

A small language model (``encoders``) turns the title and summary of a record, and a query, into
unit vectors; the cosine of two says how alike in meaning they are, whatever their words.
``wordpiece`` cuts text into the pieces that the model knows, ``onnx`` and ``bert`` run it,
``store`` keeps the vectors of a corpus beside its index, and ``fusion`` joins what they find with
what the words find.

Everything in its modules needs the extra ``meaning`` and is imported only when asked for.
"""

FILES = "vectors-{}.bin"
"""What the files of vectors are called, each by the model that made it."""
