"""Write a git repository of 10,000 commits, with git fast-import.

    python make_history.py DIR

Every commit edits one of 400 source files; one in 500 adds a made-up token and the
next takes it away. Packs of fast-import are poor: they are made again, as git-fast-import(1)
advises and every server does.
"""

import pathlib
import random
import string
import subprocess
import sys

RANDOM = random.Random("merlon history")
WORDS = "model tensor layer config batch token loss value index name path state result shape device cache input output weight".split()


def line() -> str:
    return f"    {RANDOM.choice(WORDS)}_{RANDOM.choice(WORDS)} = self.{RANDOM.choice(WORDS)}({RANDOM.choice(WORDS)}, {RANDOM.randrange(1000)})"


def main() -> None:
    target = pathlib.Path(sys.argv[1])
    subprocess.run(["git", "init", "-q", "-b", "main", str(target)], check=True)
    files = {f"src/p{i % 20}/m{i}.py": [line() for _ in range(150)] for i in range(400)}
    out = []
    for commit in range(10_000):
        name = RANDOM.choice(list(files))
        body = files[name]
        body[RANDOM.randrange(len(body))] = line()
        if commit % 500 == 250:
            key = "".join(RANDOM.choice(string.ascii_letters) for _ in range(34))
            body[10] = f'    HF_TOKEN = "hf_{key}"'
        elif commit % 500 == 251:
            body[10] = line()
        text = "\n".join(["class M:", "  def f(self):", *body, ""]).encode()
        message = f"commit {commit}".encode()
        out.append(b"commit refs/heads/main\ncommitter Ada <ada@example.com> %d +0000\ndata %d\n%s\nM 100644 inline %s\ndata %d\n%s\n"
                   % (1_700_000_000 + 60 * commit, len(message), message, name.encode(), len(text), text))
    subprocess.run(["git", "-C", str(target), "fast-import", "--quiet"], input=b"".join(out), check=True)
    subprocess.run(["git", "-C", str(target), "repack", "-adfq"], check=True)
    subprocess.run(["git", "-C", str(target), "reset", "-q", "--hard"], check=True)


if __name__ == "__main__":
    main()
