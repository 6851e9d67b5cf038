def percent(cursor, name):
    cursor.execute("SELECT * FROM users WHERE name = '%s'" % name)  # want: B608


def plus(name):
    return "DELETE FROM users WHERE name = '" + name + "'"  # want: B608


def formatted(name):
    return "UPDATE users SET seen = 1 WHERE name = '{}'".format(name)  # want: B608


def literal(name):
    return f"INSERT INTO users (name) VALUES ('{name}')"  # want: B608


def replaced(name):
    return "SELECT a FROM users WHERE name = X".replace("X", name)  # want: B608


def table(name):
    return "SELECT a " + "FROM " + name  # ok: not seen across pieces


def parameter(cursor, name):
    cursor.execute("SELECT * FROM users WHERE name = ?", (name,))  # ok: constant


def words(name):
    return "select %s, please" % name  # ok: no statement


def log(name):
    return f"delete {name}"  # ok: no statement
