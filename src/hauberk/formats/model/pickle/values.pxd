# The types of `values` where it is compiled; see docs/scanner-speed.md.

cimport cython

cdef bytes _EXPONENTS

cdef class Values:
    cdef public long long largest, deepest
    cdef public bint forgot, lost
    cdef object _source, _limits
    cdef long long _room, _most, _ring, _end, _log_room
    cdef Py_ssize_t _cells, _cell_room
    cdef dict _constants, _symbols, _spread
    cdef tuple _columns
    cdef signed char[::1] _kinds
    cdef long long[::1] _sizes, _starts, _log
    cdef int[::1] _depths, _counts
    cdef object _items

    @cython.locals(cell=Py_ssize_t)
    cpdef long long container(self, int kind, long long[::1] stack, Py_ssize_t start, Py_ssize_t stop) except? 0
    @cython.locals(cell=Py_ssize_t, before=Py_ssize_t)
    cpdef void extend(self, long long value, long long[::1] stack, Py_ssize_t start, Py_ssize_t stop, long long place) except *
    cpdef int kind(self, long long value) except? -2
    @cython.locals(size=cython.longlong, depth=int, index=Py_ssize_t, value=cython.longlong, inner=Py_ssize_t, put=int,
                   kept=Py_ssize_t)
    cdef void _grow(self, Py_ssize_t cell, long long[::1] stack, Py_ssize_t start, Py_ssize_t stop) except *
    @cython.locals(at=Py_ssize_t)
    cdef void _keep(self, Py_ssize_t cell, long long[::1] stack, Py_ssize_t start, Py_ssize_t stop, long long place) except *
    @cython.locals(ring=cython.longlong, old=cython.longlong, count=Py_ssize_t, before=Py_ssize_t, added=Py_ssize_t,
                   room=Py_ssize_t, at=Py_ssize_t, first=Py_ssize_t, index=Py_ssize_t)
    cdef void _keep_more(self, Py_ssize_t cell, long long[::1] stack, Py_ssize_t start, Py_ssize_t stop, long long place) except *
    @cython.locals(ring=cython.longlong, at=cython.longlong)
    cdef Py_ssize_t _entry(self, Py_ssize_t cell, long long length) except? -1
    cdef void _extend_shown(self, Py_ssize_t cell, long long[::1] stack, Py_ssize_t start, Py_ssize_t stop, long long place) except *
