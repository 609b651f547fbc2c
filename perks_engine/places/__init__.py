"""Where places are: geodesy, area files, the gazetteer, and geocoders that an operator configures."""
