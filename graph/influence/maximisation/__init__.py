"""Which few reach the most others: influence maximisation.

Something passes along ties by chance, under one of two models (Kempe, Kleinberg and Tardos, KDD
2003): independent cascade, where whoever has it passes it along each tie once, with the tie's own
probability; or linear threshold, where whoever lacks it takes it once the weights of the ties from
those who have it reach a threshold of theirs that is anywhere in [0, 1].
"""
