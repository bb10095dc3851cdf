"""semo-annotate: recordings of emotional speech in, explained emotion data out.

The rooms, in the order in which data flows through them:
``corpora -> audio -> features -> descriptors -> captions -> dataset -> report | semollm``.
"""

__version__ = "0.1.0"
