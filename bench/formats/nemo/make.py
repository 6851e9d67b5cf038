"""Writes model/artifact/nemo/testdata/layout.nemo.

The NeMo library needs CUDA wheels and is not used here: the layout is that of
SaveRestoreConnector.save_to (NeMo 2.3), a tar with model_config.yaml written by
OmegaConf 2.4.0 and the weights written by torch.save, here left empty.
Usage: python3 make.py OUT
"""

import io
import pathlib
import sys
import tarfile

from omegaconf import OmegaConf

config = OmegaConf.create(
    {
        "sample_rate": 16000,
        "log_prediction": True,
        "tokenizer": {"dir": None, "type": "bpe", "model_path": "nemo:tokenizer.model"},
        "preprocessor": {"_target_": "nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor", "features": 80, "window": "hann"},
        "spec_augment": {"_target_": "nemo.collections.asr.modules.SpectrogramAugmentation", "freq_masks": 2},
        "encoder": {"_target_": "nemo.collections.asr.modules.ConformerEncoder", "feat_in": 80, "n_layers": 2, "d_model": 16},
        "decoder": {"_target_": "nemo.collections.asr.modules.ConvASRDecoder", "feat_in": 16, "num_classes": 128},
        "optim": {"name": "adamw", "lr": 0.001, "betas": [0.9, 0.98]},
        "train_ds": None,
        "target": "nemo.collections.asr.models.ctc_bpe_models.EncDecCTCModelBPE",
        "nemo_version": "2.3.2",
    }
)

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
with tarfile.open(out / "layout.nemo", "w:", format=tarfile.USTAR_FORMAT) as tar:
    for name, data in (
        ("./model_config.yaml", OmegaConf.to_yaml(config).encode()),
        ("./model_weights.ckpt", b""),
        ("./tokenizer.model", b"\n\x0e\n\x05<unk>\x15\0\0\0\0\x18\x02"),
    ):
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
