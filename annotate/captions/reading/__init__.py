"""An English caption of a voice, cut into clauses, read into claims and held against the row.

``lexicon`` says what a word may mean, ``clauses`` cuts a caption into phrases and says of what each is said, ``rules``
makes claims of phrases, ``people`` and ``unmeasured`` tell who is meant and what nothing measured, ``judge`` holds
the claims against a row, ``verify`` does all of it for a data set.
"""
