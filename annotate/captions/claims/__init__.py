"""Any English caption of a voice, read back into claims and held against the row's descriptors.

``read.read`` finds the claims, ``judge.judge`` holds them against a row, ``verify`` does both for a data set.
"""
