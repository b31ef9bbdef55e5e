"""How pyxmpp2 2.0.1, which is Python 2, becomes a package of today inside our wheel.

Used by the build only: it is in the source distribution and not in the wheel, and imports
nothing of termxmpp. The code of pyxmpp2 is fetched, never kept here.
"""
