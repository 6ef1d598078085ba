"""How the point model and its calibration are made; not part of the installed program."""
