from pysnmp.hlapi import CommunityData, UsmUserData


def first_version():
    return CommunityData("public", mpModel=0)  # want: B508


def second_version():
    return CommunityData("public", mpModel=1)  # want: B508


def open_version():
    return CommunityData("public")  # ok: not said


def third_version(user):
    return UsmUserData(user, "key", "key")  # ok: version 3
