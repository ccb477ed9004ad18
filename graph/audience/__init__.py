"""Audiences: who likes something and was near lately, and tokens by which they are reached."""
