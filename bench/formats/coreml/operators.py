"""Writes the operations of Core ML's intermediate language, all versions.

usage: python operators.py > ../../../model/artifact/coreml/operators.txt
"""
import coremltools
from coremltools.converters.mil.mil.ops.registry import SSAOpRegistry

# What only the loader of Core ML writes and reads.
extra = {"read_state", "coreml_update_state", "make_list", "list_read", "list_write", "list_length", "list_gather", "list_scatter"}
print(f"# coremltools {coremltools.__version__}; made by bench/formats/coreml/operators.py")
for name in sorted(set(SSAOpRegistry.core_ops) | extra):
    if not name.startswith("_"):
        print(name)
