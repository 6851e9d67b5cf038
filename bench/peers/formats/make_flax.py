"""Parameters of Flax in MessagePack, written and read by flax.serialization."""
import flax
import flax.linen as nn
import flax.serialization as fs
import jax
import jax.numpy as jnp
import numpy as np
from flax.traverse_util import flatten_dict

import kit


def keep(name, tree):
    with open(kit.path(name), "wb") as f:
        f.write(fs.msgpack_serialize(fs.to_state_dict(tree)))
    with open(kit.path(name), "rb") as f:
        flat = flatten_dict(fs.msgpack_restore(f.read()), sep="/")
    kit.model(name, [(k, v.dtype, v.shape) for k, v in flat.items() if hasattr(v, "dtype")])


class Net(nn.Module):
    dtype: object = jnp.float32

    @nn.compact
    def __call__(self, x):
        for width in (8, 4):
            x = nn.relu(nn.Dense(width, param_dtype=self.dtype)(x))
        return nn.LayerNorm()(nn.Dense(2)(x))


class Conv(nn.Module):
    @nn.compact
    def __call__(self, x, train=True):
        x = nn.BatchNorm(use_running_average=not train)(nn.Conv(4, (3, 3))(x))
        return nn.SelfAttention(2)(x.reshape(1, -1, 4))


key = jax.random.PRNGKey(0)
for t in ("float32", "float16", "bfloat16"):
    keep("dense-%s.msgpack" % t, Net(jnp.dtype(t)).init(key, jnp.zeros((1, 3))))
keep("conv.msgpack", Conv().init(key, jnp.zeros((1, 4, 4, 1))))
from flax.training import train_state
import optax

params = Net().init(key, jnp.zeros((1, 3)))
keep("train.msgpack", train_state.TrainState.create(apply_fn=Net().apply, params=params, tx=optax.adam(1e-3)))
keep("types.msgpack", {t: np.zeros((2, 3), t) for t in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "c8", "c16", "?")}
     | {"fp8": jnp.zeros((2, 2), jnp.float8_e4m3fn), "scalar": np.float32(1), "zero": np.zeros((0, 3), "f4"), "nested": {"a": {"b": {"é": np.zeros(1, "f4")}}}})
fs.MAX_CHUNK_SIZE = 64
keep("chunked.msgpack", {"big": np.zeros((16, 9), "f4"), "small": np.zeros(3, "f4")})
kit.uses(flax=flax.__version__, jax=jax.__version__)
kit.finish()
