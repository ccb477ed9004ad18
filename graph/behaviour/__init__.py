"""How subscribers behave: bandicoot's indicators, from each one's own calls, messages and places.

The definitions, and where they depart from bandicoot's, are in ``docs/behaviour.md``. Everything
is computed with arrays over many subscribers at once: one is as good as a million.
"""
