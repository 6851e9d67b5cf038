"""Makers of real objects, one module per library.

Every module has objects() -> iterator of (name, thunk). A thunk makes one
object; a thunk that raises is skipped and counted, so that one list serves
many versions of a library. The code runs on Python 2.7 and 3.6 to 3.13.
"""
