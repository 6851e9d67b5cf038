import sqlite3


def rows(query):
    return sqlite3.connect("shop.db").execute(query).fetchall()
