import paramiko


def remote(ssh, text):
    return ssh.exec_command(text)  # want: B601


def remote_open(text):
    with paramiko.SSHClient() as ssh:
        return ssh.exec_command("ls " + text)  # want: B601


def copy(ssh, path):
    return ssh.open_sftp().put(path, path)  # ok: no command
