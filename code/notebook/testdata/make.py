"""Makes the notebooks of the round trip test with nbformat (5.11.1):

    pip install nbformat==5.11.1 && python make.py

Words MARK_n stand in sources and outputs; expected.json says where nbformat reads
them: cell, line in the cell, and whether it is an output.
"""
import json
import re

import nbformat
from nbformat import v4

SOURCES = [
    ("markdown", "# Title\n\nMARK_0 in text"),
    ("code", "import os\n%matplotlib inline\nMARK_1 = os.getcwd()\n!ls -l \\\n  MARK_2\nMARK_3 = 1"),
    ("code", ""),
    ("code", "%%bash\nset -e\necho MARK_4"),
    ("code", 'text = """\n%not a magic\n!not a command\n"""\nMARK_5 = (text\n   % ())'),
    ("code", "x = 'grün'; MARK_6 = \"\u2028\"\r\nMARK_7 = 2\r\n\r\nMARK_8 = 3"),
    ("code", "broken = '''\nMARK_9 = 4"),
    ("code", "if True:\n    !pip list\n    files = !ls\n    MARK_10 = files\nMARK_11?\n%time MARK_12 = 5"),
    ("raw", "MARK_13"),
    ("code", "%%time\n\nMARK_14 = 1"),
    ("code", "for i in range(3):\n    print(i)\n\n\nMARK_15 = await f()\n"),
]

nb = v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
for kind, source in SOURCES:
    nb.cells.append({"markdown": v4.new_markdown_cell, "code": v4.new_code_cell, "raw": v4.new_raw_cell}[kind](source))
nb.cells[1].outputs = [
    v4.new_output("stream", name="stdout", text="one\ntwo MARK_16\n"),
    v4.new_output("display_data", data={"text/plain": "a\nMARK_17", "text/html": "<b>MARK_18</b>", "image/png": "iVBORw0KGgo="}),
]
nb.cells[4].outputs = [v4.new_output("error", ename="E", evalue="v", traceback=["line 1", "MARK_19"])]
nb.cells[10].outputs = [v4.new_output("execute_result", data={"text/plain": ["x\n", "MARK_20"]}, execution_count=3)]

places = {}


def note(text, cell, output):
    lines = re.split(r"\r\n|\r|\n", "".join(text) if isinstance(text, list) else text)
    for number, line in enumerate(lines, 1):
        for mark in re.findall(r"MARK_\d+", line):
            places[mark] = {"cell": cell, "output": output, "line": number}


nbformat.write(nb, "nb4.ipynb")
nbformat.write(nb, "nb3.ipynb", version=3)
for i, cell in enumerate(nbformat.read("nb4.ipynb", as_version=4).cells):
    note(cell.source, i, -1)
    for j, out in enumerate(cell.get("outputs", [])):
        if out.output_type == "error":
            note("".join(out.traceback), i, j)
        elif out.output_type == "stream":
            note(out.text, i, j)
        else:
            for mime, text in out.data.items():
                if mime.startswith("text/"):
                    note(text, i, j)
with open("expected.json", "w") as f:
    json.dump(places, f, indent=1, sort_keys=True)
    f.write("\n")
