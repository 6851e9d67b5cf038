"""Writes pandas.h5 and objects.h5 with pandas 3.1.1 and PyTables 3.11.1 on Python 3.11.

pandas keeps names and columns of objects as pickles; the note in an attribute is one,
too. objects.h5 holds an object whose pickle calls os.system. Nothing is read back.
"""

import os

import numpy as np
import pandas as pd
import tables


def small(self, *sizes):  # chunks as PyTables makes them take a megabyte
    return (8,)


tables.Table._calc_chunkshape = small
tables.VLArray._calc_chunkshape = small

frame = pd.DataFrame({"text": ["a", "b", "c"], "n": np.arange(3)}, index=pd.Index([1, 2, 3], name="id"))
mixed = pd.DataFrame({"o": pd.Series([(1, 2), "two", None], dtype=object)})
days = pd.Series([1.0, 2.0], index=pd.date_range("2024-01-01", periods=2, tz="UTC"))
with pd.HDFStore("pandas.h5", "w") as store:
    store.put("table", frame, format="table", index=False, track_times=False)
    store.put("mixed", mixed, track_times=False)
    store.put("days", days, track_times=False)
    store.root.mixed._v_attrs.note = np.bytes_(b"(lp0\nS'echo merlon-test'\np1\na.")


class Call:
    def __reduce__(self):
        return os.system, ("echo merlon-test",)


with tables.open_file("objects.h5", "w") as file:
    file.create_vlarray("/", "objects", tables.ObjectAtom()).append(Call())
