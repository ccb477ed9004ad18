"""How good a service was: KPI → KQI → CEI, by a model that is data.

A sample (a session, a call, a message, a touchpoint, a measurement) has KPIs; each is mapped to
[0, 1]. KPIs make up KQIs, these the sample's score, and the mean of scores is the CEI of whatever
is asked about.
"""
