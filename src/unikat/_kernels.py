"""How kernels are compiled, and how they get many arrays at once.

numba makes machine code of everything a kernel calls, of each part with all that it calls in turn,
and again inside the kernel. An `inner` part is never run by itself, so it is kept as the compiler's
intermediate text until a kernel takes it in. And numba passes a tuple of arrays field by field, at
every call: `by_address` makes it one number. Together that is more than half of what a first start
would wait for.
"""

# ruff: noqa: ANN001, ANN002, ANN003, ANN202, ANN204, SLF001  (numba calls these with its own types)

from __future__ import annotations

from functools import cache
from operator import index
from typing import TypeVar
from zlib import crc32

import numpy as np
from numba import from_dtype, njit, types
from numba.core import cgutils
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.datamodel.models import PrimitiveModel
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_getattr_generic,
    register_model,
    typeof_impl,
    unbox,
)

Fields = TypeVar("Fields", bound="tuple[object, ...]")
WORD = 8


class _Part(JITCodeLibrary):
    """A compiled function that others take in: neither optimised by itself nor made executable."""

    def _optimize_final_module(self):
        pass

    def _finalize_final_module(self):
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, _name):
        return 0

    @property
    def codegen(self):
        return self

    def set_env(self, _name, _env):
        """Leave out what Python objects need: a kernel without the interpreter has none."""


class _PartCompiler(Compiler):
    """numba's own steps, with a `_Part` to put the result into."""

    def __init__(self, typing, target, _library, *rest):
        super().__init__(typing, target, _Part(target.codegen(), "part"), *rest)


kernel = njit(cache=True, nogil=True)
"""For what Python calls."""
lean = njit(cache=True, nogil=True, _nrt=False)  # type: ignore[call-overload]
"""For what Python calls and makes no array: no references are counted."""


def _part(**options):
    """Return the decorator of what kernels alone call."""
    return njit(  # type: ignore[call-overload]
        nogil=True,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        pipeline_class=_PartCompiler,
        **options,
    )


inner = _part(_nrt=False)
"""For what kernels alone call, and makes no array."""
maker = _part()
"""For what kernels alone call to make arrays."""
inlined = _part(forceinline=True)
"""For what stands for itself in each kernel that calls it."""


def by_address(fields: Fields) -> Fields:
    """Return what stands for a tuple of arrays, integers and such tuples in calls of kernels.

    They read it as the tuple. Arrays are C-contiguous and at their place as long as it is used.
    """
    return _Record(fields)  # type: ignore[return-value]


class _Record:
    """The address of a table of words: an integer itself, of an array its address and shape."""

    def __init__(self, fields):
        words, kind = _words(fields)
        self.fields, self.kind, self.table = fields, kind, np.array(words, dtype=np.int64)
        self.address = self.table.ctypes.data

    def __getattr__(self, name):
        return getattr(self.fields, name)


def _words(fields):
    """Return the words of a tuple, and the type that says how to read them."""
    words, kinds = [], []
    for value in fields:
        if isinstance(value, tuple):
            inside, kind = _words(value)
            words += inside
        elif isinstance(value, np.ndarray):
            if not value.flags.c_contiguous:
                message = f"A {type(fields).__name__} holds an array that is not C-contiguous"
                raise ValueError(message)
            words += (value.__array_interface__["data"][0], *value.shape)
            kind = _array_type(value.dtype, value.ndim)
        else:
            words.append(index(value))
            kind = types.int64
        kinds.append(kind)
    return words, _record_type(type(fields), tuple(kinds))  # type: ignore[arg-type]


@cache
def _array_type(dtype, ndim):
    return types.Array(from_dtype(dtype), ndim, "C")


@cache
def _record_type(title, kinds):
    return _RecordType(title.__name__, tuple(zip(title._fields, kinds, strict=True)))


class _RecordType(types.Type):
    """Which fields a record has, and in which word each begins."""

    def __init__(self, title, kinds):
        self.kinds, self.places, self.size = dict(kinds), {}, 0
        for name, kind in kinds:
            self.places[name] = self.size
            self.size += kind.size if isinstance(kind, _RecordType) else 1
            self.size += kind.ndim if isinstance(kind, types.Array) else 0
        super().__init__(f"{title}.{crc32(repr(kinds).encode()):x}")


@typeof_impl.register(_Record)
def _typeof_record(record, _):
    return record.kind


@register_model(_RecordType)
class _RecordModel(PrimitiveModel):
    """A record is an address."""

    def __init__(self, manager, kind):
        super().__init__(manager, kind, cgutils.intp_t)


@unbox(_RecordType)
def _unbox_record(_, record, c):
    address = c.pyapi.object_getattr_string(record, "address")
    value = c.pyapi.long_as_longlong(address)
    c.pyapi.decref(address)
    return NativeValue(value, is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred()))


@infer_getattr
class _RecordFields(AttributeTemplate):
    key = _RecordType

    def generic_resolve(self, record, name):  # type: ignore[override]
        return record.kinds.get(name)


@lower_getattr_generic(_RecordType)
def _read_field(context, builder, record, address, name):
    kind, place = record.kinds[name], record.places[name]

    def word(offset, as_type):
        where = builder.add(address, address.type((place + offset) * WORD))
        read = builder.load(builder.inttoptr(where, as_type.as_pointer()))
        read.set_metadata("invariant.load", builder.module.add_metadata([]))
        return read

    if isinstance(kind, _RecordType):
        return builder.add(address, address.type(place * WORD))
    if not isinstance(kind, types.Array):
        return word(0, context.get_value_type(kind))
    array = context.make_array(kind)(context, builder)
    shape = [word(1 + k, cgutils.intp_t) for k in range(kind.ndim)]
    width = context.get_abi_sizeof(context.get_data_type(kind.dtype))
    strides: list[object] = []
    step = cgutils.intp_t(width)
    for extent in reversed(shape):
        strides.insert(0, step)
        step = builder.mul(step, extent)
    array.data = word(0, array.data.type)
    array.shape = cgutils.pack_array(builder, shape)
    array.strides = cgutils.pack_array(builder, strides)
    array.itemsize = cgutils.intp_t(width)
    array.nitems = builder.udiv(step, cgutils.intp_t(width))
    array.meminfo = cgutils.get_null_value(array.meminfo.type)
    array.parent = cgutils.get_null_value(array.parent.type)
    return array._getvalue()
