import telnetlib  # want: B401


def connect(host):
    return telnetlib.Telnet(host)  # want: B312


def option():
    return telnetlib.ECHO  # ok: nothing is connected
