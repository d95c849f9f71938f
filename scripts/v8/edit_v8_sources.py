"""Corrects V8 itself, where a program that cannot be stopped would be the result. Fails if a line is not found."""
import sys
from pathlib import Path

root = Path(sys.argv[1])

# The reducer means to drop the interrupt check of loops with few iterations. Where such a loop has none (the one that
# fills `new Array(100)`), it drops the next check that it meets, which is the enclosing loop's: that loop can then
# never be terminated. Without the reducer every loop keeps its check.
path = root / "v8/src/compiler/turboshaft/loop-unrolling-reducer.h"
old = "bool remove_stack_checks_ = !stack_checks_to_remove_.empty();"
text = path.read_text()
if old in text:
    path.write_text(text.replace(old, "bool remove_stack_checks_ = false;"))
elif "bool remove_stack_checks_ = false;" not in text:
    sys.exit(f"{path}: nothing matches {old!r}: another version of the crate?")
