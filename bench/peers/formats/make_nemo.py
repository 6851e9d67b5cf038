"""The layout of NeMo: a tar of model_config.yaml as OmegaConf writes it and of weights. NeMo itself needs CUDA wheels and is
not used: the layout is that of SaveRestoreConnector.save_to (NeMo 2.3), and the weights are those of an empty file or of torch."""
import io
import os
import subprocess
import tarfile
import tempfile

import omegaconf
from omegaconf import OmegaConf

import kit

LAYERS = {"encoder": {"_target_": "nemo.collections.asr.modules.ConformerEncoder", "feat_in": 80, "n_layers": 2, "d_model": 16}, "decoder": {"_target_": "nemo.collections.asr.modules.ConvASRDecoder", "feat_in": 16, "num_classes": 128}}
SAVE = """import sys, torch
torch.save({"encoder.weight": torch.zeros(4, 3), "decoder.bias": torch.zeros(5, dtype=torch.float16), "steps": torch.tensor(3)}, sys.argv[1])
"""


def weights():
    with tempfile.TemporaryDirectory() as d:
        file = os.path.join(d, "w.ckpt")
        subprocess.run(["/usr/bin/python3", "-c", SAVE, file], check=True, stderr=subprocess.DEVNULL)
        with open(file, "rb") as f:
            return f.read()


def keep(name, config, mode, prefix="./", data=b"", verdict="ok"):
    with tarfile.open(kit.path(name), mode) as tar:
        for member, content in (("model_config.yaml", OmegaConf.to_yaml(OmegaConf.create(config)).encode()), ("model_weights.ckpt", data), ("tokenizer.model", b"\n\x0e\n\x05<unk>\x15\0\0\0\0\x18\x02")):
            info = tarfile.TarInfo(prefix + member)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    read = OmegaConf.create(tarfile.open(kit.path(name)).extractfile(prefix + "model_config.yaml").read().decode())
    kit.model(name, None, verdict=verdict, facts={"architecture": read.target})


target = {"target": "nemo.collections.asr.models.ctc_bpe_models.EncDecCTCModelBPE", "nemo_version": "2.3.2", "sample_rate": 16000}
keep("asr.nemo", target | LAYERS, "w:")
keep("old.nemo", target | LAYERS, "w:gz", "")
keep("other.nemo", target | {"loss": {"_target_": "mine.losses.Loss"}}, "w:", verdict="unverified")
data = kit.attempt("weights of torch (python3-torch of the system)", weights)
if data:
    keep("weights.nemo", target | LAYERS, "w:", data=data)
kit.uses(omegaconf=omegaconf.__version__)
kit.finish()
