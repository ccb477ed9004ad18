"""Density: how many people were in an area in an hour, or will be, told so that few stay hidden."""
