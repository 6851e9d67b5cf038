def admin(role):
    # The characters turn the comment around.
    return role == "user\u202e"  # ok: written as an escape


def admin_hidden(role):
    return role == "user‮"  # want: B613
