"""Writes the fixtures of model/artifact/msgpack/testdata with flax 0.12.12.

Usage: python3 make.py OUT
"""

import json
import pathlib
import sys

import flax.linen as nn
import flax.serialization as fs
import jax
import jax.numpy as jnp
import numpy as np
from flax.traverse_util import flatten_dict

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)


class Net(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.relu(nn.Dense(4)(x))
        return nn.Dense(2, param_dtype=jnp.bfloat16)(x)


params = Net().init(jax.random.PRNGKey(0), jnp.zeros((1, 3)))
tree = fs.to_state_dict(params)
tree["step"] = np.int32(7)
tree["phase"] = 1 + 2j
tree["name"] = "net"
(out / "net.msgpack").write_bytes(fs.msgpack_serialize(tree))
flat = flatten_dict(fs.msgpack_restore((out / "net.msgpack").read_bytes()), sep="/")
expected = {k: [str(v.dtype), list(v.shape)] for k, v in flat.items() if hasattr(v, "dtype")}

fs.MAX_CHUNK_SIZE = 32  # so that a small array is split as a large one would be
(out / "chunked.msgpack").write_bytes(fs.msgpack_serialize({"a": {"w": np.arange(24, dtype=np.float32).reshape(4, 6)}}))
(out / "expected.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")
