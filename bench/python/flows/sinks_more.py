"""More places where data hurts: files, addresses, objects, templates, pages. See sinks.py."""
from .sinks import sink

# --- CWE-22: files
INSIDE = ("from pathlib import Path", '''
base = Path("/srv/files").resolve()
target = (base / $V).resolve()
if not target.is_relative_to(base):
    raise PermissionError("outside of the folder")
$R = target.read_text()
''')
LAST = ("import os", '''
with open(os.path.join("/srv/files", os.path.basename($V)), encoding="utf-8") as stream:
    $R = stream.read()
''')
sink("open-read", 22, "", '''
with open("/srv/files/" + $V, encoding="utf-8") as stream:  #!
    $R = stream.read()
''', INSIDE, LAST)
sink("open-write", 22, "import os", '''
target = os.path.join("/srv/exports", $V)
with open(target, "w") as stream:  #!
    stream.write("exported")
''', ("import os", '''
target = os.path.join("/srv/exports", os.path.basename($V))
with open(target, "w") as stream:
    stream.write("exported")
'''))
sink("path-read", 22, "from pathlib import Path", '''
document = Path("/srv/library") / $V
$R = document.read_text(encoding="utf-8")  #!
''', INSIDE)
sink("path-write", 22, "from pathlib import Path", '''
folder = Path("/srv/cache")
(folder / f"{$V}.json").write_text("{}")  #!
''', ("from pathlib import Path;import hashlib", '''
folder = Path("/srv/cache")
digest = hashlib.sha256($V.encode()).hexdigest()
(folder / f"{digest}.json").write_text("{}")
'''))
sink("send-file", 22, "from flask import send_file", '$R = send_file(f"/srv/reports/{$V}")  #!',
     ("from flask import send_from_directory", '$R = send_from_directory("/srv/reports", $V)'), returns=True, only=("flask",))
sink("file-response", 22, "import os;from fastapi.responses import FileResponse", '$R = FileResponse(os.path.join("/srv/media", $V))  #!',
     ("import os;from fastapi.responses import FileResponse", '''
full = os.path.realpath(os.path.join("/srv/media", $V))
if os.path.commonpath([full, "/srv/media"]) != "/srv/media":
    raise PermissionError("outside of the folder")
$R = FileResponse(full)
'''), returns=True, only=("fastapi", "starlette"))
sink("rmtree", 22, "import os;import shutil", '''
workspace = os.path.join("/srv/workspaces", $V)
shutil.rmtree(workspace, ignore_errors=True)  #!
''', ("import os;import shutil;import uuid", '''
workspace = os.path.join("/srv/workspaces", str(uuid.UUID($V)))
shutil.rmtree(workspace, ignore_errors=True)
'''))
sink("os-remove", 22, "import os", 'os.remove(f"/srv/uploads/{$V}")  #!',
     ("import os", 'os.remove(f"/srv/uploads/{int($V)}.bin")'))
sink("copy", 22, "import shutil", 'shutil.copy(f"/srv/templates/{$V}", "/srv/site/index.html")  #!',
     ("import os;import shutil", 'shutil.copy(os.path.join("/srv/templates", os.path.basename($V)), "/srv/site/index.html")'))
sink("aiofiles", 22, "import aiofiles", '''
async with aiofiles.open(f"/srv/notes/{$V}.md") as stream:  #!
    $R = await stream.read()
''', ("import aiofiles;import os", '''
async with aiofiles.open(f"/srv/notes/{os.path.basename($V)}.md") as stream:
    $R = await stream.read()
'''), is_async=True)
sink("tar-extract", 22, "import io;import tarfile", '''
with tarfile.open(fileobj=io.BytesIO($V)) as archive:
    archive.extractall("/srv/plugins", filter="fully_trusted")  #!
''', ("import io;import tarfile", '''
with tarfile.open(fileobj=io.BytesIO($V)) as archive:
    archive.extractall("/srv/plugins", filter="data")
'''), data="bytes", only=("web", "socket"))
sink("zip-members", 22, "import io;import os;import zipfile", '''
with zipfile.ZipFile(io.BytesIO($V)) as archive:
    for member in archive.namelist():
        with open(os.path.join("/srv/datasets", member), "wb") as out:  #!
            out.write(archive.read(member))
''', ("import io;import zipfile", '''
with zipfile.ZipFile(io.BytesIO($V)) as archive:
    archive.extractall("/srv/datasets")
'''), data="bytes", only=("web", "socket"))

# --- CWE-918: addresses
HOSTS = ("import requests;from urllib.parse import urlsplit", '''
if urlsplit($V).hostname not in ("api.example.com", "files.example.com"):
    raise ValueError("host not allowed")
$R = requests.get($V, timeout=10, allow_redirects=False).text
''')
FIXED = ("import requests", '$R = requests.get("https://api.example.com/search", params={"q": $V}, timeout=10).text')
sink("requests-get", 918, "import requests", "$R = requests.get($V, timeout=10).text  #!", HOSTS, FIXED)
sink("requests-host", 918, "import requests", '$R = requests.post(f"http://{$V}/hook", json={"event": "done"}, timeout=5).status_code  #!', FIXED)
sink("requests-session", 918, "import requests", '''
session = requests.Session()
session.headers["User-Agent"] = "preview"
$R = session.get(url=$V, timeout=10).content  #!
''', FIXED)
sink("httpx-async", 918, "import httpx", '''
async with httpx.AsyncClient(timeout=10) as client:
    answer = await client.get($V)  #!
$R = answer.text
''', ("import httpx", '''
async with httpx.AsyncClient(timeout=10, base_url="https://api.example.com") as client:
    answer = await client.get("/search", params={"q": $V})
$R = answer.text
'''), is_async=True)
sink("urlopen", 918, "from urllib.request import urlopen", '''
with urlopen($V, timeout=10) as answer:  #!
    $R = answer.read()
''', ("from urllib.parse import quote;from urllib.request import urlopen", '''
with urlopen("https://api.example.com/items/" + quote($V, safe=""), timeout=10) as answer:
    $R = answer.read()
'''))
sink("aiohttp-get", 918, "import aiohttp", '''
async with aiohttp.ClientSession() as session:
    async with session.get($V) as answer:  #!
        $R = await answer.text()
''', ("import aiohttp", '''
async with aiohttp.ClientSession() as session:
    async with session.get("https://api.example.com/lookup", params={"id": $V}) as answer:
        $R = await answer.text()
'''), is_async=True)
sink("httpx-sync", 918, "import httpx", '$R = httpx.request("GET", $V, follow_redirects=True).json()  #!', FIXED)
sink("urllib3", 918, "import urllib3", '''
pool = urllib3.PoolManager()
$R = pool.request("GET", $V).data  #!
''', FIXED)
sink("image-url", 918, "import io;import requests;from PIL import Image", '$R = Image.open(io.BytesIO(requests.get($V, timeout=10).content)).size  #!', FIXED)

# --- CWE-502: objects
JSON = ("import json", "$R = json.loads($V)")
WEBLIKE = ("web", "socket", "tool")
sink("pickle-loads", 502, "import pickle", "$R = pickle.loads($V)  #!", JSON, data="bytes", only=WEBLIKE)
sink("pickle-load", 502, "import io;import pickle", '''
stream = io.BytesIO($V)
$R = pickle.Unpickler(stream).load()  #!
''', JSON, data="bytes", only=WEBLIKE)
sink("dill", 502, "import dill", "$R = dill.loads($V)  #!", JSON, data="bytes", only=WEBLIKE)
sink("cloudpickle", 502, "import cloudpickle", '''
job = cloudpickle.loads($V)  #!
$R = job()
''', JSON, data="bytes", only=WEBLIKE)
sink("torch-load", 502, "import os;import torch", '''
path = os.path.join("/srv/checkpoints", $V)
$R = torch.load(path, map_location="cpu", weights_only=False)  #!
''', ("import os;import torch", '''
path = os.path.join("/srv/checkpoints", os.path.basename($V))
$R = torch.load(path, map_location="cpu", weights_only=True)
'''), only=WEBLIKE)
sink("torch-bytes", 502, "import io;import torch", "$R = torch.load(io.BytesIO($V), weights_only=False)  #!",
     ("import safetensors.torch", "$R = safetensors.torch.load($V)"), data="bytes", only=WEBLIKE)
sink("joblib", 502, "import joblib", '$R = joblib.load("/srv/models/" + $V)  #!',
     ("import json;import os", '$R = json.load(open(os.path.join("/srv/models", os.path.basename($V))))'), only=WEBLIKE)
sink("yaml-load", 502, "import yaml", "$R = yaml.load($V, Loader=yaml.Loader)  #!", ("import yaml", "$R = yaml.safe_load($V)"))
sink("yaml-unsafe", 502, "import yaml", "$R = yaml.unsafe_load($V)  #!", ("import yaml", "$R = yaml.load($V, Loader=yaml.SafeLoader)"))
sink("jsonpickle", 502, "import jsonpickle", "$R = jsonpickle.decode($V)  #!", JSON)
sink("read-pickle", 502, "import pandas as pd", '$R = pd.read_pickle(f"/srv/frames/{$V}").head().to_dict()  #!',
     ("import os;import pandas as pd", '$R = pd.read_parquet(os.path.join("/srv/frames", os.path.basename($V))).head().to_dict()'), only=WEBLIKE)
sink("numpy-pickle", 502, "import io;import numpy as np", "$R = np.load(io.BytesIO($V), allow_pickle=True).tolist()  #!",
     ("import io;import numpy as np", "$R = np.load(io.BytesIO($V), allow_pickle=False).tolist()"), data="bytes", only=WEBLIKE)
sink("marshal", 502, "import marshal", "$R = marshal.loads($V)  #!", JSON, data="bytes", only=WEBLIKE)
sink("faiss", 502, "from langchain_community.vectorstores import FAISS", '''
store = FAISS.load_local($V, None, allow_dangerous_deserialization=True)  #!
$R = store.index_to_docstore_id
''', ("import json;import os", '$R = json.load(open(os.path.join("/srv/index", os.path.basename($V))))'), only=WEBLIKE)
sink("remote-code", 829, "from transformers import AutoModel", '$R = AutoModel.from_pretrained($V, trust_remote_code=True)  #!',
     ("from transformers import AutoModel", '$R = AutoModel.from_pretrained("intfloat/e5-small-v2", revision="0dc5580a448e4284468b8909bae50fa925907bc5", trust_remote_code=False)'), only=WEBLIKE)

# --- CWE-1336: templates
sink("jinja-template", 1336, "from jinja2 import Template", '$R = Template("Dear " + $V + ", thank you").render()  #!',
     ("from jinja2 import Template", '$R = Template("Dear {{ name }}, thank you").render(name=$V)'))
sink("jinja-environment", 1336, "import jinja2", '''
environment = jinja2.Environment(autoescape=True)
$R = environment.from_string($V).render(user="guest")  #!
''', ("import jinja2", '''
environment = jinja2.Environment(autoescape=True)
$R = environment.from_string("Hello {{ user }}").render(user=$V)
'''))
sink("render-string", 1336, "from flask import render_template_string", '$R = render_template_string(f"<p>Nothing found for {$V}</p>")  #!',
     ("from flask import render_template_string", '$R = render_template_string("<p>Nothing found for {{ q }}</p>", q=$V)'), returns=True, only=("flask",))
sink("mako", 1336, "from mako.template import Template as MakoTemplate", "$R = MakoTemplate($V).render()  #!",
     ("from mako.template import Template as MakoTemplate", '$R = MakoTemplate("Hello ${name}").render(name=$V)'))

# --- CWE-79: pages
sink("html-response", 79, "from fastapi.responses import HTMLResponse", '$R = HTMLResponse(f"<html><body><h1>{$V}</h1></body></html>")  #!',
     ("import html;from fastapi.responses import HTMLResponse", '$R = HTMLResponse(f"<html><body><h1>{html.escape($V)}</h1></body></html>")'),
     returns=True, only=("fastapi", "starlette"))
sink("flask-html", 79, "from flask import make_response", '''
page = "<h2>Results for " + $V + "</h2>"
$R = make_response(page)  #!
''', ("from flask import make_response;from markupsafe import escape", '''
page = "<h2>Results for " + str(escape($V)) + "</h2>"
$R = make_response(page)
'''), returns=True, only=("flask",))
sink("django-html", 79, "from django.http import HttpResponse", '$R = HttpResponse("<div class=note>%s</div>" % $V)  #!',
     ("from django.http import HttpResponse;from django.utils.html import format_html", '$R = HttpResponse(format_html("<div class=note>{}</div>", $V))'),
     returns=True, only=("django",))
sink("mark-safe", 79, "from django.utils.safestring import mark_safe", '$R = mark_safe("<b>" + $V + "</b>")  #!',
     ("from django.utils.html import format_html", '$R = format_html("<b>{}</b>", $V)'), only=("django", "model"))
sink("markup", 79, "from markupsafe import Markup", '$R = Markup(f"<em>{$V}</em>")  #!',
     ("from markupsafe import Markup, escape", '$R = Markup("<em>%s</em>") % escape($V)'), only=("flask", "model"))
sink("aiohttp-html", 79, "from aiohttp import web", '$R = web.Response(text="<p>" + $V + "</p>", content_type="text/html")  #!',
     ("from aiohttp import web", '$R = web.Response(text="<p>" + $V + "</p>", content_type="text/plain")'), returns=True, only=("aiohttp",))
sink("streamlit-html", 79, "import streamlit as st", 'st.markdown(f"<div class=answer>{$V}</div>", unsafe_allow_html=True)  #!',
     ("import streamlit as st", 'st.markdown($V)'), only=("model", "streamlit", "retrieved"))

# --- CWE-601: redirects
sink("flask-redirect", 601, "from flask import redirect", "$R = redirect($V)  #!",
     ("from flask import redirect, url_for", '$R = redirect(url_for("index", tab=$V))'), returns=True, only=("flask",))
sink("fastapi-redirect", 601, "from fastapi.responses import RedirectResponse", "$R = RedirectResponse(url=$V, status_code=302)  #!",
     ("from fastapi.responses import RedirectResponse;from urllib.parse import quote", '$R = RedirectResponse(url="/done?next=" + quote($V, safe=""), status_code=302)'),
     returns=True, only=("fastapi", "starlette"))
sink("django-redirect", 601, "from django.http import HttpResponseRedirect", "$R = HttpResponseRedirect($V)  #!",
     ("from django.http import HttpResponseRedirect;from django.utils.http import url_has_allowed_host_and_scheme", '''
if not url_has_allowed_host_and_scheme($V, allowed_hosts={"app.example.com"}):
    raise ValueError("not ours")
$R = HttpResponseRedirect($V)
'''), returns=True, only=("django",))
sink("aiohttp-redirect", 601, "from aiohttp import web", "raise web.HTTPFound(location=$V)  #!",
     ("from aiohttp import web", 'raise web.HTTPFound(location="/home")'), only=("aiohttp",))

# --- others
sink("ldap", 90, "import ldap", '''
directory = ldap.initialize("ldaps://directory.internal")
$R = directory.search_s("dc=example,dc=com", ldap.SCOPE_SUBTREE, f"(uid={$V})")  #!
''', ("import ldap;from ldap.filter import escape_filter_chars", '''
directory = ldap.initialize("ldaps://directory.internal")
$R = directory.search_s("dc=example,dc=com", ldap.SCOPE_SUBTREE, f"(uid={escape_filter_chars($V)})")
'''), only=("web",))
sink("ldap3", 90, "import ldap3", '''
connection = ldap3.Connection(ldap3.Server("ldaps://directory.internal"), auto_bind=True)
connection.search("ou=people,dc=example,dc=com", "(&(objectClass=person)(mail=" + $V + "))")  #!
$R = connection.entries
''', ("import ldap3;from ldap3.utils.conv import escape_filter_chars", '''
connection = ldap3.Connection(ldap3.Server("ldaps://directory.internal"), auto_bind=True)
connection.search("ou=people,dc=example,dc=com", "(&(objectClass=person)(mail=" + escape_filter_chars($V) + "))")
$R = connection.entries
'''), only=("web",))
sink("lxml-xpath", 643, "from lxml import etree", '''
users = etree.parse("/srv/users.xml")
$R = users.xpath(f"//user[name='{$V}']/role/text()")  #!
''', ("from lxml import etree", '''
users = etree.parse("/srv/users.xml")
$R = users.xpath("//user[name=$name]/role/text()", name=$V)
'''), only=("web", "tool"))
sink("lxml-entities", 611, "from lxml import etree", '''
parser = etree.XMLParser(resolve_entities=True, no_network=False)
$R = etree.fromstring($V, parser).tag  #!
''', ("from lxml import etree", '''
parser = etree.XMLParser(resolve_entities=False, no_network=True)
$R = etree.fromstring($V, parser).tag
'''), data="bytes", only=("web", "socket"))
sink("sax-entities", 611, "import io;import xml.sax;import xml.sax.handler", '''
reader = xml.sax.make_parser()
reader.setFeature(xml.sax.handler.feature_external_ges, True)
reader.parse(io.BytesIO($V))  #!
''', ("import xml.etree.ElementTree as ElementTree", '$R = ElementTree.fromstring($V).tag'), data="bytes", only=("web", "socket"))
sink("log", 117, "import logging", 'logging.getLogger("audit").info("login of " + $V)  #!',
     ("import logging", 'logging.getLogger("audit").info("login of %r", $V.replace("\\n", " ").replace("\\r", " "))'), only=("web",))
sink("regex", 1333, "import re", '''
pattern = re.compile($V)  #!
$R = [line for line in open("/srv/app.log") if pattern.search(line)]
''', ("import re", '''
pattern = re.compile(re.escape($V))
$R = [line for line in open("/srv/app.log") if pattern.search(line)]
'''), only=("web",))
sink("mass-assignment", 915, "import json;from types import SimpleNamespace", '''
account = SimpleNamespace(name="", is_admin=False)
for key, item in json.loads($V).items():
    setattr(account, key, item)  #!
$R = account
''', ("import json;from types import SimpleNamespace", '''
account = SimpleNamespace(name="", is_admin=False)
account.name = str(json.loads($V).get("name", ""))
$R = account
'''), only=("web",))
sink("system-prompt", 1427, "from openai import OpenAI", '''
$R = OpenAI().chat.completions.create(  #!
    model="gpt-4o-mini",
    messages=[{"role": "system", "content": "You help customers. Follow this: " + $V}],
)
''', ("from openai import OpenAI", '''
$R = OpenAI().chat.completions.create(
    model="gpt-4o-mini",
    messages=[{"role": "system", "content": "You help customers."}, {"role": "user", "content": $V}],
)
'''), only=("web", "retrieved"))
