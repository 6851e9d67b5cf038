import pyghmi  # want: B415
from pyghmi.ipmi import command  # want: B415


def other():
    import redfish  # ok: another protocol

    return redfish, command
