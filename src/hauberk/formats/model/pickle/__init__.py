"""The pickle machine: what a stream would do, found out without doing it.

Read in this order: `opcodes` (the instruction set), `source` (the bytes), `level` (stack, marks and memo), `values`
(what is remembered of a value), `names` (what an import really imports), `machine`, `instructions`, `loop`,
`description` (the answer).
"""
