"""What ground a cell serves, and which places of the raster that ground lies in.

``sphere``: points and maps around them; ``shapes``: sector and circle; ``voronoi``: what is nearest
to an antenna; ``shares``: ground to places; ``cells``: what a table of cells makes of all this;
``versions``: which version of a cell was in force when; ``positions``: points to places.

Places are H3 indexes as integers here, which sort and join several times faster than their texts,
and in the same order.
"""
