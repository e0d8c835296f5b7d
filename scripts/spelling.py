"""What was meant by a word that nobody knows: for the messages about options and targets."""

import difflib


def meant(word, known, form="{}"):
    """`; did you mean ...?` with the known word that is closest, or nothing where none is close."""
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {form.format(close[0])}?" if close else ""
