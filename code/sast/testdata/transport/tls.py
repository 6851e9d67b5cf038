import ftplib
import ssl
import telnetlib

import aiohttp
import httpx
import paramiko
import requests
from pysnmp.hlapi import CommunityData, UsmUserData


def no_verify(url):
    return requests.get(url, verify=False, timeout=3)  # want: code/no-certificate-check


def own_authority(url):
    return requests.get(url, verify="ca.pem", timeout=3)  # ok: an own authority


def session(url):
    s = requests.Session()
    return s.post(url, verify=False)  # want: code/no-certificate-check


def httpx_client():
    return httpx.AsyncClient(verify=False)  # want: code/no-certificate-check


def httpx_default():
    return httpx.AsyncClient()  # ok: checks


def connector():
    return aiohttp.TCPConnector(ssl=False)  # want: code/no-certificate-check-aiohttp


def connector_context():
    return aiohttp.TCPConnector(ssl=ssl.create_default_context())  # ok: checks


def unverified():
    return ssl._create_unverified_context()  # want: code/unverified-context


def old():
    return ssl.SSLContext(ssl.PROTOCOL_TLSv1)  # want: code/old-tls


def new():
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # ok: negotiates


def wrap(sock):
    return ssl.wrap_socket(sock)  # want: code/tls-without-version


def any_host(client: paramiko.SSHClient):
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  # want: code/no-host-key-check


def known_host(client: paramiko.SSHClient):
    client.set_missing_host_key_policy(paramiko.RejectPolicy())  # ok: refuses


def snmp_one():
    return CommunityData("public", mpModel=0)  # want: code/snmp-version


def snmp_two():
    return CommunityData("public", mpModel=1)  # want: code/snmp-version-two


def snmp_three(auth):
    return UsmUserData("u", auth)  # want: code/snmp-without-encryption


def snmp_encrypted(auth, private):
    return UsmUserData("u", auth, private)  # ok: encrypted


def telnet():
    return telnetlib.Telnet("host")  # want: code/cleartext-protocol


def ftp():
    return ftplib.FTP("host")  # want: code/cleartext-protocol


def ftp_tls():
    return ftplib.FTP_TLS("host")  # ok: encrypted
