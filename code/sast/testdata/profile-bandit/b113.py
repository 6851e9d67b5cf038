import httpx
import requests


def unlimited(url):
    return requests.get(url)  # want: B113


def unlimited_on_purpose(url):
    return requests.post(url, timeout=None)  # want: B113


def client():
    return httpx.Client(timeout=None)  # want: B113


def limited(url):
    return requests.get(url, timeout=30)  # ok: a limit


def client_default():
    return httpx.Client()  # ok: five seconds by default


def session(url):
    return requests.Session().get(url)  # ok: not the module's function


def limit_of_caller(url, limit):
    return requests.put(url, timeout=limit)  # ok: a limit
