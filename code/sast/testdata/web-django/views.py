import os
import subprocess
import xml.sax

import requests
from django.contrib.auth.models import User
from django.db import connection
from django.db.models.expressions import RawSQL
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.template import Template
from django.utils.html import escape, format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views import View
from rest_framework.decorators import api_view
from rest_framework.views import APIView

from .models import Item


def page(request):
    return HttpResponse("<p>" + request.GET["q"])  # want: code/cross-site-scripting


def page_escaped(request):
    return HttpResponse("<p>" + escape(request.GET["q"]))  # ok: escaped


def page_text(request):
    return HttpResponse(request.GET["q"], content_type="text/plain")  # ok: no HTML


def page_template(request):
    return render(request, "page.html", {"q": request.GET["q"]})  # ok: escapes


def page_json(request):
    return JsonResponse({"q": request.GET["q"]})  # ok: JSON


def safe_string(request):
    return render(request, "page.html", {"q": mark_safe(request.POST["q"])})  # want: code/cross-site-scripting


def safe_constant(request):
    return render(request, "page.html", {"q": mark_safe("<b>x</b>")})  # ok: a constant


def format_source(request):
    return render(request, "x.html", {"q": format_html(request.POST["q"])})  # want: code/cross-site-scripting


def format_argument(request):
    return render(request, "x.html", {"q": format_html("<b>{}</b>", request.POST["q"])})  # ok: escapes arguments


def cursor(request):
    with connection.cursor() as c:
        c.execute("SELECT * FROM i WHERE n = '%s'" % request.GET["n"])  # want: code/sql-injection


def cursor_parameter(request):
    with connection.cursor() as c:
        c.execute("SELECT * FROM i WHERE n = %s", [request.GET["n"]])  # ok: a parameter


def raw(request):
    return Item.objects.raw("SELECT * FROM i WHERE n = " + request.GET["n"])  # want: code/sql-injection


def raw_parameter(request):
    return Item.objects.raw("SELECT * FROM i WHERE n = %s", [request.GET["n"]])  # ok: a parameter


def raw_sql(request):
    return Item.objects.annotate(v=RawSQL(request.GET["e"], ()))  # want: code/sql-injection


def extra(request):
    return Item.objects.extra(where=["n = " + request.GET["n"]])  # want: code/sql-injection


def orm_filter(request):
    return Item.objects.filter(n=request.GET["n"])  # ok: the ORM binds it


def go(request):
    return HttpResponseRedirect(request.GET["next"])  # want: code/open-redirect


def go_checked(request):
    url = request.GET["next"]
    if url_has_allowed_host_and_scheme(url, allowed_hosts=None):
        return redirect(url)  # ok: checked
    return redirect("/")


def go_shortcut(request):
    return redirect(request.GET.get("next", "/"))  # want: code/open-redirect


def download(request):
    return FileResponse(open("/srv/" + request.GET["f"], "rb"))  # want: code/path-traversal


def typed(request: HttpRequest):
    subprocess.call(request.POST["cmd"], shell=True)  # want: code/command-injection


def cookies(request: HttpRequest):
    eval(request.COOKIES["state"])  # want: code/code-injection


def template(request):
    return HttpResponse(Template(request.POST["t"]).render({}), content_type="text/plain")  # want: code/template-injection


def fetch(request):
    requests.get(request.GET["u"], timeout=3)  # want: code/server-side-request-forgery


def meta(request):
    os.system("host " + request.META["REMOTE_ADDR"])  # want: code/command-injection


def feed(request):
    xml.sax.parseString(request.body, None)  # want: code/xml-entity-expansion


def user_name(request):
    os.system("true " + request.user.username)  # ok: the account, not the request


class ItemView(View):
    def get(self, request, name):
        os.remove("/srv/" + name)  # want: code/path-traversal

    def post(self, request, *args, **kwargs):
        os.remove("/srv/" + self.request.POST["f"])  # want: code/path-traversal

    def put(self, request, n: int):
        os.remove(f"/srv/{n}")  # ok: a number


class ItemAPI(APIView):
    def post(self, request):
        eval(request.data["e"])  # want: code/code-injection

    def get(self, request):
        return JsonResponse({"q": request.query_params["q"]})  # ok: JSON


@api_view(["POST"])
def function_api(request):
    os.system(request.data["c"])  # want: code/command-injection
