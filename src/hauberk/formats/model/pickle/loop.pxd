# The types of `loop` where it is compiled; see docs/scanner-speed.md.

cimport cython
from hauberk.formats.model.pickle.level cimport Level
from hauberk.formats.model.pickle.source cimport Source
from hauberk.formats.model.pickle.values cimport Values

cdef bytes _ACTS, _KINDS, _STEPS, _TEXT, _WIDE

@cython.locals(data=bytes, base=cython.longlong, at=cython.longlong, limit=cython.longlong, edge=cython.longlong,
               stack=cython.longlong[::1], marks=cython.longlong[::1], memo=cython.longlong[::1], gaps=cython.bint,
               top=Py_ssize_t, floor=Py_ssize_t, marked=Py_ssize_t, filed=Py_ssize_t, steps=bytes, acts=bytes,
               kinds=bytes, wide=bytes, text=bytes, count=cython.longlong, code=cython.int, step=cython.longlong,
               act=cython.int, key=cython.longlong)
cdef int _walk(machine, Level level, Source source, Values values) except? -2

@cython.locals(number=cython.longlong, index=cython.longlong)
cdef long long _number(bytes data, long long at) except? -1

@cython.locals(start=Py_ssize_t)
cdef bint _make(Level level, Values values, int code) except? -1

@cython.locals(start=Py_ssize_t, top=Py_ssize_t, floor=Py_ssize_t, marked=Py_ssize_t,
               stack=cython.longlong[::1])
cdef bint _fill(Level level, Values values, int code, long long place) except? -1
