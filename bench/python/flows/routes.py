"""Ways of data from where it comes in to where it hurts.

A route gets a builder b (see compose.py) and returns the lines of the handler. b.v is the data, b.r the result,
b.sink(name) the lines of the sink over a name, b.here(text) a block before the handler, b.there(text, name) a block
in another module of the package, which gives the name that the handler has to use.
"""

ROUTES = {}


def route(group="ab", asynchronous=None):
    """asynchronous: True needs an async handler, False cannot carry an await."""
    def add(function):
        ROUTES[function.__name__] = (function, group, asynchronous)
        return function
    return add


def ind(lines, depth=1):
    return ["    " * depth + line if line else line for line in lines]


def helper(b, name, x, before=(), args=None):
    """A function around the sink."""
    return [f"{b.d}def {name}({x if args is None else args}):", *ind([*b.doc(), *before, *b.sink(x), f"return {b.r}"])]


# --- inside one function
@route()
def direct(b):
    return b.sink(b.v)


@route()
def strip_and_log(b):
    return [f"{b.x} = {b.v}.strip()", f'print("working on", len({b.x}))', *b.sink(b.x)] if b.text else b.sink(b.v)


@route()
def weak_check(b):
    return [f"if not {b.v} or len({b.v}) > 4096:", '    raise ValueError("empty or too long")', *b.sink(b.v)]


@route()
def conditional(b):
    return [f"{b.x} = {b.v} if {b.v} else {b.default}", "try:", *ind(b.sink(b.x)), "except KeyError:", "    raise RuntimeError from None"]


@route()
def list_element(b):
    return [f"{b.xs} = [{b.default}]", f"{b.xs}.append({b.v})", f"for {b.x} in {b.xs}:", *ind(b.sink(b.x))]


@route()
def split_first(b):
    if not b.text:
        return [f"{b.x}, _ = {b.v}, None", *b.sink(b.x)]
    return [f'{b.xs} = [part.strip() for part in {b.v}.split(";") if part]', f"{b.x} = {b.xs}[0]", *b.sink(b.x)]


@route()
def dictionary(b):
    return [f'{b.xs} = {{"kind": "default", "value": {b.v}, "retries": 3}}', f'{b.xs}["retries"] += 1', f'{b.x} = {b.xs}["value"]', *b.sink(b.x)]


@route()
def json_field(b):
    if not b.text:
        return b.sink(b.v)
    return ["import json", f'{b.x} = json.loads({b.v}).get("value", "")', *b.sink(b.x)]


@route(asynchronous=False)
def closure(b):
    inner = b.fn()
    return [f"def {inner}():", *ind([*b.sink(b.v), f"return {b.r}"]), f"{b.r} = {inner}()"]


@route()
def walrus(b):
    return [f"if ({b.x} := {b.v}) is not None:", *ind(b.sink(b.x)), "else:", f"    {b.r} = None"]


@route()
def match_case(b):
    return [f"match {b.v}:", f'    case {b.default}:', f"        {b.r} = None", f"    case {b.x}:", *ind(b.sink(b.x), 2)]


# --- a helper
@route()
def helper_here(b):
    name = b.fn()
    b.here(helper(b, name, b.x))
    return [f"{b.r} = {b.aw}{name}({b.v})"]


@route()
def helper_there(b):
    name = b.there(helper(b, b.fn(), b.x))
    return [f"{b.r} = {b.aw}{name}({b.v})"]


@route()
def two_modules(b):
    low = b.fn()
    low = b.there(helper(b, low, b.x))
    y = b.nm()
    mid = b.there([f"{b.d}def {b.fn()}({y}, retries=2):", *ind([f"return {b.aw}{low}({y})"])], uses=low)
    return [f"{b.r} = {b.aw}{mid}({b.v})"]


@route()
def returned_there(b):
    y = b.nm()
    name = b.there([f"def {b.fn()}({y}):", *ind([f"if {y} is None:", f"    return {b.default}", f"return {y}[:2000]"])])
    return [f"{b.x} = {name}({b.v})", *b.sink(b.x)]


@route()
def keyword_dictionary(b):
    name = b.fn()
    b.here(helper(b, name, b.x, [f'{b.x} = options.get("value")'], "**options"))
    return [f'{b.xs} = {{"value": {b.v}, "verbose": False}}', f"{b.r} = {b.aw}{name}(**{b.xs})"]


@route()
def positional_rest(b):
    name = b.there(helper(b, b.fn(), b.x, [f"{b.x} = args[0]"], "*args"))
    return [f'{b.r} = {b.aw}{name}({b.v}, "eu")']


@route()
def options_object(b):
    name = b.there(helper(b, b.fn(), "options['value']", (), "options"))
    return [f'{b.r} = {b.aw}{name}({{"value": {b.v}, "attempt": 1}})']


@route()
def pair_returned(b):
    y, name = b.nm(), b.fn()
    b.here([f"def {name}({y}):", f"    return len({y}), {y}"])
    return [f"size, {b.x} = {name}({b.v})", *b.sink(b.x)]


@route()
def static_method(b):
    cls, name = b.cls(), b.fn()
    block = helper(b, name, b.x)
    use = b.there([f"class {cls}:", "    @staticmethod", *ind(block)])
    return [f"{b.r} = {b.aw}{use}.{name}({b.v})"]


@route()
def existing_class(b):
    """A static method in a class that the package has."""
    name = b.fn()
    use = b.into_class(["@staticmethod", *helper(b, name, b.x)])
    return [f"{b.r} = {b.aw}{use}.{name}({b.v})"]


# --- functions as values
@route(asynchronous=False)
def callback(b):
    name, apply = b.fn(), b.fn()
    b.here(helper(b, name, b.x))
    use = b.there([f"def {apply}(action, argument):", "    return action(argument)"])
    return [f"{b.r} = {use}({name}, {b.v})"]


@route(asynchronous=False)
def lambda_callback(b):
    name, apply = b.fn(), b.fn()
    b.here([*helper(b, name, b.x), "", "", f"def {apply}(values, action):", "    return [action(value) for value in values][0]"])
    return [f"{b.r} = {apply}([{b.v}], lambda item: {name}(item))"]


@route()
def dispatch_table(b):
    name, table = b.fn(), b.nm().upper() + "_ACTIONS"
    b.here([*helper(b, name, b.x), "", "", f'{table} = {{"default": {name}}}'])
    return [f'{b.r} = {b.aw}{table}["default"]({b.v})']


@route(asynchronous=False)
def partial(b):
    name = b.there(helper(b, b.fn(), b.x, (), f"mode, {b.x}"))
    return ["import functools", f'{b.xs} = functools.partial({name}, "fast")', f"{b.r} = {b.xs}({b.v})"]


@route(asynchronous=False)
def decorated(b):
    name, wrap = b.fn(), b.fn()
    use = b.there([f"def {wrap}(function):", *ind(["import functools", "", "@functools.wraps(function)", "def wrapper(*args, **kwargs):",
                                                  '    print("calling", function.__name__)', "    return function(*args, **kwargs)", "", "return wrapper"])])
    b.here([f"@{use}", *helper(b, name, b.x)], late=False)
    b.top_import(use)
    return [f"{b.r} = {name}({b.v})"]


@route(asynchronous=False)
def pool(b):
    name = b.fn()
    b.here(helper(b, name, b.x))
    return ["from concurrent.futures import ThreadPoolExecutor", "with ThreadPoolExecutor(max_workers=1) as executor:",
            f"    {b.r} = executor.submit({name}, {b.v}).result()"]


@route(asynchronous=False)
def thread(b):
    name = b.fn()
    b.here(helper(b, name, b.x))
    return ["import threading", f"worker = threading.Thread(target={name}, args=({b.v},), daemon=True)", "worker.start()", f"{b.r} = worker.name"]


@route(asynchronous=False)
def mapped(b):
    name = b.fn()
    b.here(helper(b, name, b.x))
    return [f"{b.r} = list(map({name}, [{b.v}]))[0]"]


# --- objects
def holder(b, head, init, name, attribute, there):
    block = [*head, *ind(init), "", *ind(helper(b, name, f"self.{attribute}", (), "self"))]
    cls = head[-1].split()[1].split("(")[0].rstrip(":")
    if there:
        return b.there(block)
    b.here(block)
    return cls


@route()
def attribute_here(b):
    a, name = b.nm(), b.fn()
    cls = holder(b, [f"class {b.cls()}:"], [f"def __init__(self, {a}):", f"    self.{a} = {a}", "    self.done = False"], name, a, False)
    return [f"{b.r} = {b.aw}{cls}({b.v}).{name}()"]


@route()
def attribute_there(b):
    a, name = b.nm(), b.fn()
    cls = holder(b, [f"class {b.cls()}:"], [f"def __init__(self, {a}, owner=None):", f"    self._{a} = {a}", "    self.owner = owner"], name, f"_{a}", True)
    return [f'{b.x} = {cls}({b.v}, owner="system")', f"{b.r} = {b.aw}{b.x}.{name}()"]


@route()
def dataclass_there(b):
    a, name = b.nm(), b.fn()
    b.there_imports("from dataclasses import dataclass")
    cls = holder(b, ["@dataclass", f"class {b.cls()}:"], [f"{a}: object", "attempts: int = 0"], name, a, True)
    return [f"{b.x} = {cls}({a}={b.v})", f"{b.r} = {b.aw}{b.x}.{name}()"]


@route()
def dataclass_argument(b):
    a, cls, name = b.nm(), b.cls(), b.fn()
    b.here(["@dataclass", f"class {cls}:", f"    {a}: object", "    attempts: int = 0"])
    b.imports.append("from dataclasses import dataclass")
    use = b.there(helper(b, name, f"task.{a}", (), "task"))
    return [f"{b.r} = {b.aw}{use}({cls}({b.v}))"]


@route()
def inherited(b):
    cls, child, name, a = b.cls(), b.cls(), b.fn().lstrip("_"), b.nm()
    use = b.there([f"class {cls}:", *ind([f"{b.d}def {name}(self, {a}):", f"    return {b.aw}self._{name}({a})", "", f"{b.d}def _{name}(self, {a}):", "    raise NotImplementedError"])])
    b.here([f"class {child}({use}):", *ind(helper(b, "_" + name, b.x, (), f"self, {b.x}"))])
    b.top_import(use)
    return [f"{b.r} = {b.aw}{child}().{name}({b.v})"]


@route()
def property_value(b):
    cls, a = b.cls(), b.nm()
    use = b.there([f"class {cls}:", *ind([f"def __init__(self, {a}):", f"    self._{a} = {a}", "", "@property", f"def {a}(self):", f"    return self._{a}"])])
    return [f"{b.xs} = {use}({b.v})", *b.sink(f"{b.xs}.{a}")]


@route()
def setter_method(b):
    cls, a, name = b.cls(), b.nm(), b.fn()
    b.here([f"class {cls}:", *ind([f"{a} = None", "", f"def with_{a}(self, value):", f"    self.{a} = value", "    return self", "", *helper(b, name, f"self.{a}", (), "self")])])
    return [f"{b.r} = {b.aw}{cls}().with_{a}({b.v}).{name}()"]


@route()
def callable_object(b):
    cls = b.cls()
    use = b.there([f"class {cls}:", *ind(helper(b, "__call__", b.x, (), f"self, {b.x}"))])
    return [f"{b.xs} = {use}()", f"{b.r} = {b.aw}{b.xs}({b.v})"]


@route()
def context_manager(b):
    name, a = b.fn(), b.nm()
    b.here(["@contextlib.contextmanager", f"def {name}({a}):", *ind(["try:", f"    yield {a}", "finally:", '    print("done")'])])
    b.imports.append("import contextlib")
    return [f"with {name}({b.v}) as {b.x}:", *ind(b.sink(b.x))]


@route(asynchronous=False)
def generator(b):
    name, a = b.fn(), b.nm()
    use = b.there([f"def {name}({a}):", *ind([f"for item in [{a}]:", "    if item:", "        yield item"])])
    return [f"{b.r} = None", f"for {b.x} in {use}({b.v}):", *ind(b.sink(b.x))]


@route()
def module_state(b):
    name, state = b.fn(), "_" + b.nm().upper()
    b.here([f"{state} = {{}}", "", "", *helper(b, name, f"{state}['current']", (), "")])
    return [f'{state}["current"] = {b.v}', f"{b.r} = {b.aw}{name}()"]


@route(asynchronous=False)
def queued(b):
    return ["import queue", f"{b.xs} = queue.Queue()", f"{b.xs}.put({b.v})", f"{b.x} = {b.xs}.get()", *b.sink(b.x)]


@route(asynchronous=True)
def to_thread(b):
    if b.sink_async:
        return b.sink(b.v)
    name = b.fn()
    b.here(helper(b, name, b.x))
    return ["import asyncio", f"{b.r} = await asyncio.to_thread({name}, {b.v})"]


@route(asynchronous=True)
def gathered(b):
    name, x = b.fn(), b.x
    use = b.there([f"async def {name}({x}):", *ind([*b.sink(x), f"return {b.r}"])])
    return ["import asyncio", f"{b.r} = (await asyncio.gather({use}({b.v})))[0]"]


@route(asynchronous=True)
def task(b):
    name, x = b.fn(), b.x
    b.here([f"async def {name}({x}):", *ind([*b.sink(x), f"return {b.r}"])])
    return ["import asyncio", f"{b.x} = asyncio.create_task({name}({b.v}))", f"{b.r} = await {b.x}"]


@route()
def re_exported(b):
    name = b.fn()
    use = b.there(helper(b, name, b.x))
    public = b.reexport(use)
    return [f"{b.r} = {b.aw}{public}({b.v})"]


@route(asynchronous=False)
def existing_function(b):
    """The sink stands at the start of a function that the package has, over its only parameter."""
    use = b.into_function()
    return [f"{use}({b.v})", f'{b.r} = "ok"']
