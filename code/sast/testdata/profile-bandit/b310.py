import urllib.request
from urllib.parse import urlparse
from urllib.request import urlopen


def fetch(url):
    return urllib.request.urlopen(url)  # want: B310


def fetch_short():
    return urlopen("https://example.com")  # want: B310


def save(url, path):
    return urllib.request.urlretrieve(url, path)  # want: B310


def parts(url):
    return urlparse(url)  # ok: nothing is opened


def prepared(url):
    return urllib.request.Request(url)  # ok: nothing is opened
