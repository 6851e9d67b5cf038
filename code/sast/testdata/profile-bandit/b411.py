import xmlrpc  # want: B411
import xmlrpc.client  # want: B411
from xmlrpc.server import SimpleXMLRPCServer  # want: B411


def other():
    import jsonrpc  # ok: another module

    return jsonrpc, SimpleXMLRPCServer
