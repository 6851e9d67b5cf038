"""gRPC services."""
import subprocess

import grpc
import shop_pb2_grpc

import greeter_pb2_grpc


class Asker(greeter_pb2_grpc.AskerServicer):
    def Ask(self, request, context):
        subprocess.run("ask " + request.text, shell=True)  # want: code/command-injection
        return None

    async def Load(self, request, context):
        return open(request.path).read()  # want: code/path-traversal

    def Count(self, request, context):
        subprocess.run(["ask", str(int(request.number))])  # ok: a number
        return None

    def _log(self, text):
        subprocess.run("logger " + text, shell=True)  # ok: no method of the service


class Shop(shop_pb2_grpc.ShopServicer):
    def Buy(self, request, context: grpc.ServicerContext):
        eval(request.price)  # want: code/code-injection
        return None

    def Peer(self, request, context: grpc.ServicerContext):
        subprocess.run("who " + str(context.code()), shell=True)  # ok: no data of the request
        return None
