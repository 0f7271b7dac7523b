# The types of `level` where it is compiled; see docs/scanner-speed.md.

cdef class Level:
    cdef public long long[::1] stack, marks, memo
    cdef public Py_ssize_t top, marked, floor, filed
    cdef public dict far
    cdef public long long frame_end
    cdef public int protocol
    cdef object _stack, _marks, _memo

    cpdef make_room(self, Py_ssize_t count)
    cpdef push(self, long long value)
