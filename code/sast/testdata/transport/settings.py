"""Switches that whoever runs the program sets."""
import os

import aiohttp
import requests


def _parse(text):
    low = text.strip().lower()
    if low == "false":
        return False
    if low in ("", "true"):
        return True
    return text


CHECK = _parse(os.getenv("CHECK", "True"))


async def by_setting(session_url):
    async with aiohttp.ClientSession() as s:
        return await s.get(session_url, ssl=CHECK)  # ok: a setting that may be either


async def by_constant(session_url):
    async with aiohttp.ClientSession() as s:
        return await s.get(session_url, ssl=False)  # want: code/no-certificate-check-aiohttp


def by_caller(url, check):
    return requests.get(url, verify=check)  # ok: only the caller knows
