import paramiko
from paramiko import client


def any_host(ssh):
    ssh.set_missing_host_key_policy(paramiko.AutoAddPolicy)  # want: B507


def any_host_made(ssh):
    ssh.set_missing_host_key_policy(client.WarningPolicy())  # want: B507


def known_hosts(ssh):
    ssh.set_missing_host_key_policy(paramiko.RejectPolicy())  # ok: refused


def hosts_of_caller(ssh, policy):
    ssh.set_missing_host_key_policy(policy)  # ok: not known here
