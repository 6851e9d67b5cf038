"""Frames, series, every index and array type, scalars, offsets, intervals, groupers."""
import datetime

import numpy as np
import pandas as pd


def objects():
    dates = pd.date_range("2024-01-01", periods=4)
    df = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1.0, 2, 3, np.nan], "c": list("wxyz"), "d": dates, "e": [True, False] * 2})
    yield "frame", lambda: df
    yield "frame-empty", lambda: pd.DataFrame()
    yield "frame-index", lambda: df.set_index("c")
    yield "frame-multi", lambda: df.set_index(["c", "a"])
    yield "frame-attrs", lambda: _attrs(df)
    yield "frame-columns-multi", lambda: pd.DataFrame(np.eye(2), columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]))
    yield "frame-sparse", lambda: pd.DataFrame({"a": pd.arrays.SparseArray([0, 0, 1])})
    yield "frame-tz", lambda: pd.DataFrame({"d": dates.tz_localize("Europe/Paris"), "e": dates.tz_localize("UTC")})
    yield "frame-td", lambda: pd.DataFrame({"d": dates - dates[0], "p": dates.to_period("M")})
    yield "frame-category", lambda: df.astype({"c": "category"})
    yield "frame-converted", lambda: df.convert_dtypes()
    yield "frame-object", lambda: pd.DataFrame({"o": [1, "a", None, [1]]})
    yield "frame-interval", lambda: pd.DataFrame({"i": pd.interval_range(0, 3)})
    yield "frame-pyarrow", lambda: df.convert_dtypes(dtype_backend="pyarrow")
    for dtype in ("Int8", "Int64", "UInt32", "Float32", "Float64", "boolean", "string", "category", "string[python]", "string[pyarrow]", "str", "float32", "object", "int64[pyarrow]"):
        yield "series-" + dtype, lambda t=dtype: pd.Series([1, 0, 1], dtype="int64").astype(t)
        yield "dtype-" + dtype, lambda t=dtype: pd.Series([1, 0, 1], dtype="int64").astype(t).dtype
        yield "array-" + dtype, lambda t=dtype: pd.Series([1, 0, 1], dtype="int64").astype(t).array
        yield "index-" + dtype, lambda t=dtype: pd.Index(pd.Series([1, 0, 2], dtype="int64").astype(t))
    yield "series", lambda: pd.Series([1, 2], index=["a", "b"], name="n")
    yield "series-date", lambda: pd.Series([1, 2, 3, 4], index=dates)
    indexes = [
        lambda: pd.Index([1, 2]), lambda: pd.Index([1.5]), lambda: pd.Index(["a"]), lambda: pd.RangeIndex(5), lambda: dates,
        lambda: dates.tz_localize("UTC"), lambda: dates.tz_localize("Asia/Tokyo"), lambda: dates.to_period("D"), lambda: dates - dates[0],
        lambda: pd.MultiIndex.from_product([[1, 2], ["a", "b"]], names=["x", "y"]), lambda: pd.CategoricalIndex(["a", "b"]),
        lambda: pd.interval_range(0, 3), lambda: pd.Index([True, False]), lambda: pd.Index([], dtype=object), lambda: pd.UInt64Index([1]),
        lambda: pd.Int64Index([1]), lambda: pd.Float64Index([1]), lambda: pd.interval_range(dates[0], periods=2), lambda: pd.timedelta_range("1s", periods=3),
        lambda: pd.IntervalIndex.from_breaks([0, 1, 2], closed="left"),
    ]
    for i, make in enumerate(indexes):
        yield "index-%d" % i, make
        yield "index-array-%d" % i, lambda m=make: m().array
        yield "index-dtype-%d" % i, lambda m=make: m().dtype
    yield "categorical", lambda: [pd.Categorical(["a", "b"], ordered=True), pd.CategoricalDtype(["a"], True)]
    yield "timestamp", lambda: [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2024-01-01", tz="Europe/Paris"), pd.Timestamp(0), pd.Timestamp("2024-01-01", tz=datetime.timezone.utc)]
    yield "timestamp-tz", lambda: [pd.Timestamp("2024-01-01", tz="dateutil/Europe/Paris"), pd.Timestamp("2024-01-01", tz=__import__("pytz").FixedOffset(60)), pd.Timestamp("2024-01-01", tz=__import__("pytz").timezone("Europe/Paris"))]
    yield "pytz", lambda: [__import__("pytz").utc, __import__("pytz").timezone("US/Eastern"), __import__("pytz").FixedOffset(90)]
    yield "dateutil", lambda: [__import__("dateutil.tz", fromlist=["x"]).tzutc(), __import__("dateutil.tz", fromlist=["x"]).tzoffset("X", 3600), __import__("dateutil.tz", fromlist=["x"]).tzlocal()]
    yield "dateutil-gettz", lambda: __import__("dateutil.tz", fromlist=["x"]).gettz("Europe/Paris")
    yield "relativedelta", lambda: __import__("dateutil.relativedelta", fromlist=["x"]).relativedelta(days=1)
    yield "rrule", lambda: __import__("dateutil.rrule", fromlist=["x"]).rrule(3, count=2)
    yield "timestamp-unit", lambda: [pd.Timestamp("2024-01-01").as_unit("s"), pd.Timedelta("1s").as_unit("ms")]
    yield "scalars", lambda: [pd.Timedelta("1 day"), pd.Period("2024-01", "M"), pd.Interval(0, 1), pd.NaT]
    yield "na", lambda: [pd.NA]
    yield "offsets-fixed", lambda: [pd.offsets.Day(2), pd.offsets.Hour(), pd.offsets.Minute(), pd.offsets.Second(), pd.offsets.Milli(), pd.offsets.Micro(), pd.offsets.Nano()]
    for name in sorted(dir(pd.offsets)):
        off = getattr(pd.offsets, name)
        if isinstance(off, type) and name not in ("DateOffset", "Easter", "Tick", "BaseOffset"):
            yield "offset-" + name, lambda o=off: o()
    yield "dateoffset", lambda: [pd.DateOffset(days=1), pd.DateOffset(months=2), pd.offsets.Easter(), pd.offsets.CustomBusinessDay(holidays=["2024-01-01"])]
    yield "holidays", lambda: __import__("pandas.tseries.holiday", fromlist=["x"]).USFederalHolidayCalendar()
    yield "groupby", lambda: df.groupby("c")
    yield "rolling", lambda: df[["a"]].rolling(2)
    yield "flags", lambda: df.flags
    yield "sparse-dtype", lambda: [pd.SparseDtype("float64"), pd.arrays.SparseArray([0, 1, 0])]
    yield "int-index", lambda: pd.arrays.SparseArray([0, 1, 0], kind="block")
    yield "dtypes", lambda: [pd.PeriodDtype("D"), pd.DatetimeTZDtype("ns", "UTC"), pd.IntervalDtype("int64")]
    yield "namedagg", lambda: [pd.NamedAgg("a", "sum"), pd.Grouper(key="a"), pd.IndexSlice]
    yield "arrow-types", lambda: _arrow()
    yield "arrow-dtype", lambda: pd.ArrowDtype(__import__("pyarrow").int64())
    yield "numpy-array-ext", lambda: pd.array([1.5, 2.5], dtype="float64")
    yield "managers", lambda: [df._mgr, df["a"]._mgr]
    yield "data", lambda: [df._data, df["a"]._data]
    yield "functions", lambda: [pd.to_datetime, pd.isna, pd.to_numeric]


def _attrs(df):
    df = df.copy()
    df.attrs["x"] = 1
    return df


def _arrow():
    import pyarrow as pa
    return [pa.array([1, 2]), pa.table({"a": [1]}), pa.schema([("a", pa.int64())]), pa.string(), pa.timestamp("ns", "UTC"), pa.scalar(1), pa.chunked_array([[1]]), pa.dictionary(pa.int8(), pa.string()), pa.list_(pa.int8())]
