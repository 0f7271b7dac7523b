# The types of `source` where it is compiled; see docs/scanner-speed.md.

cdef class Source:
    cdef public object view
    cdef public bytes data
    cdef public long long base, at, limit, edge, size
