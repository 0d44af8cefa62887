#!/usr/bin/python3
"""ring.py [SOCKET]

Prints the latest sample that leonhard-pwrapis shares in memory, once a second, five times. The
layout is in power-ring.md. A sample is copied in one piece between two looks at its sequence; that
is enough where the processor does not change the order of reads (x86), and elsewhere for a look now
and then, since a slot is written again only a second later.
"""
import ctypes
import mmap
import os
import socket
import sys
import time

PATH = "/run/leonhard/pwrapis-ring"
MAGIC = 0x00474E4952525750
PARTS = ("board", "processors", "memory")


class Hello(ctypes.Structure):
    _fields_ = [("magic", ctypes.c_uint64), ("version", ctypes.c_uint32),
                ("error", ctypes.c_int32), ("bytes", ctypes.c_uint64)]


class Head(ctypes.Structure):
    _fields_ = [("magic", ctypes.c_uint64), ("version", ctypes.c_uint32),
                ("coarse", ctypes.c_uint32), ("bytes", ctypes.c_uint64),
                ("slots_offset", ctypes.c_uint32), ("slot_bytes", ctypes.c_uint32),
                ("slot_count", ctypes.c_uint32), ("cpus_offset", ctypes.c_uint32),
                ("cpu_count", ctypes.c_uint32), ("reserved", ctypes.c_uint32),
                ("period_ns", ctypes.c_uint64), ("latest", ctypes.c_uint64),
                ("ended", ctypes.c_uint64)]


class Sample(ctypes.Structure):
    _fields_ = [("sequence", ctypes.c_uint64), ("monotonic_ns", ctypes.c_uint64),
                ("realtime_ns", ctypes.c_uint64), ("power_ns", ctypes.c_uint64),
                ("known", ctypes.c_uint64), ("watts", ctypes.c_double * 3),
                ("joules", ctypes.c_double * 3), ("usage", ctypes.c_double)]


def attach(path):
    """The connection, which must stay open, and the memory."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.connect(path)
    data, passed, _, _ = socket.recv_fds(connection, ctypes.sizeof(Hello), 1)
    hello = Hello.from_buffer_copy(data)
    if hello.magic != MAGIC or hello.version != 1:
        raise OSError("another layout")
    if hello.error:
        raise OSError(hello.error, os.strerror(hello.error))
    memory = mmap.mmap(passed[0], hello.bytes, mmap.MAP_SHARED, mmap.PROT_READ)
    os.close(passed[0])
    return connection, memory


def latest(memory):
    """The latest sample, or None while there is none."""
    for _ in range(16):
        head = Head.from_buffer_copy(memory)
        if head.latest == 0:
            return None
        offset = head.slots_offset + (head.latest - 1) % head.slot_count * head.slot_bytes
        sample = Sample.from_buffer_copy(memory, offset)
        again = ctypes.c_uint64.from_buffer_copy(memory, offset)
        if sample.sequence == again.value == 2 * head.latest:
            return sample
    return None


def main():
    connection, memory = attach(sys.argv[1] if len(sys.argv) > 1 else PATH)
    for _ in range(5):
        time.sleep(1)
        sample = latest(memory)
        if sample is None:
            continue
        told = [f"{name} {sample.watts[i]:.2f} W" for i, name in enumerate(PARTS)
                if sample.known & 1 << i]
        if sample.known & 1 << 6:
            told.append(f"usage {sample.usage * 100:.1f} %")
        print(", ".join(told) or "this machine tells nothing")
    connection.close()


main()
