def admin(user):
    assert user.is_admin  # want: B101


def admin_raised(user):
    if not user.is_admin:  # ok: an exception of its own
        raise PermissionError(user.name)


def admin_method(case, user):
    case.assertTrue(user.is_admin)  # ok: a call
