import httpx
import requests


def believe(url):
    return requests.get(url, timeout=9, verify=False)  # want: B501


def believe_client():
    return httpx.AsyncClient(verify=False)  # want: B501


def believe_lines(url):
    return requests.post(
        url,
        timeout=9,
        verify=False,  # want: B501
    )


def check(url):
    return requests.get(url, timeout=9)  # ok: checked


def check_file(url):
    return requests.get(url, timeout=9, verify="ca.pem")  # ok: checked


def other(verify):
    return verify.get("x", verify=False)  # ok: another library
