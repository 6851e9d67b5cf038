from ftplib import FTP, FTP_TLS  # want: B402


def connect(host):
    return FTP(host)  # want: B321


def connect_encrypted(host):
    return FTP_TLS(host)  # ok: encrypted
