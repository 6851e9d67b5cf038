import pysnmp.hlapi as snmp


def clear(user):
    return snmp.UsmUserData(user)  # want: B509


def clear_signed(user):
    return snmp.UsmUserData(user, "key")  # want: B509


def encrypted(user):
    return snmp.UsmUserData(user, "key", "other")  # ok: two keys
