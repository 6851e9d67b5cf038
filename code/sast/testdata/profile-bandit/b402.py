import ftplib as ftp  # want: B402


def late():
    import ftplib  # want: B402

    return ftplib, ftp


def other():
    import sftp  # ok: another module

    return sftp
