"""The command line, one module a word: alone in knowing all the other packages.

What takes long to import, Ibis and graphene above all, is imported by the commands that use it.
"""
