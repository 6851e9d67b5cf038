import services
from services import Task, Users
from tornado.web import RequestHandler


class A(RequestHandler):
    def get(self):
        services.Echo(self.get_argument("t")).execute()

    def post(self):
        Users().named(self.get_argument("n"))
        Users().numbered(self.get_argument("n"))

    def put(self):
        Task(cmd=self.get_argument("c"), title="x").run()
        Task("ls", self.get_argument("title")).show()


class B(RequestHandler):
    def get(self):
        services.calculate(self.get_argument("e"))

    def post(self):
        services.drop(self.get_argument("f"))
