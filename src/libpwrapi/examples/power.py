#!/usr/bin/python3
"""power.py [--socket SOCKET] [--library LIBRARY] [governor NAME | cap WATTS]

Without a command: prints what the machine is, its governor, its frequencies and its power, as
libpwrapi tells them. With one: sets the governor of all processors, or the power cap of the
machine, which needs control; control is given back when the program ends, and with it what was set,
so it waits for Enter.
"""
import argparse
import ctypes
import sys

NAME_LEN = 32
POLICIES = 4096
NOT_SUPPORTED = 800


class FreqRange(ctypes.Structure):
    _fields_ = [("min", ctypes.c_int), ("max", ctypes.c_int)]


class CurFreq(ctypes.Structure):
    _fields_ = [("policy", ctypes.c_int), ("mhz", ctypes.c_double)]


class PowerInfo(ctypes.Structure):
    _fields_ = [("system", ctypes.c_int), ("cpu", ctypes.c_int), ("memory", ctypes.c_int)]


class PowerError(Exception):
    def __init__(self, function, code):
        super().__init__(f"{function}: code {code} of pwrerr.h")
        self.code = code


class Power:
    """A registration. Every method raises PowerError."""

    def __init__(self, library, socket):
        self.library = ctypes.CDLL(library)
        if socket:
            self.call("PWR_SetServerInfo", socket.encode())
        self.call("PWR_Register")

    def call(self, function, *arguments):
        code = getattr(self.library, function)(*arguments)
        if code != 0:
            raise PowerError(function, code)

    def governor(self):
        text = ctypes.create_string_buffer(NAME_LEN)
        self.call("PWR_CPU_GetFreqGovernor", text, ctypes.c_uint32(NAME_LEN))
        return text.value.decode()

    def range(self):
        r = FreqRange()
        self.call("PWR_CPU_GetFreqRange", ctypes.byref(r))
        return r.min, r.max

    def frequencies(self):
        freq = (CurFreq * POLICIES)()
        count = ctypes.c_uint32(POLICIES)
        self.call("PWR_CPU_GetFreq", freq, ctypes.byref(count), 0)
        return [(f.policy, f.mhz) for f in freq[: count.value]]

    def watts(self):
        info = PowerInfo()
        self.call("PWR_SYS_GetRtPowerInfo", ctypes.byref(info))
        return info.system

    def close(self):
        self.call("PWR_UnRegister")


def show(name, get):
    try:
        print(f"{name:<12}{get()}")
    except PowerError as e:
        print(f"{name:<12}" + ("not on this machine" if e.code == NOT_SUPPORTED else str(e)))


def change(power, command, value):
    power.call("PWR_RequestControlAuth")
    if command == "governor":
        power.call("PWR_CPU_SetFreqGovernor", value.encode())
    else:
        power.call("PWR_SYS_SetCappedPower", int(value))
    input("set; Enter puts it back ")
    power.call("PWR_ReleaseControlAuth")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--library", default="libpwrapi.so")
    parser.add_argument("--socket")
    parser.add_argument("command", nargs="?", choices=["governor", "cap"])
    parser.add_argument("value", nargs="?")
    options = parser.parse_args()
    if (options.command is None) != (options.value is None):
        parser.error("a command and its value go together")
    try:
        power = Power(options.library, options.socket)
        if options.command:
            change(power, options.command, options.value)
        else:
            show("governor", power.governor)
            show("range", lambda: "{} to {} MHz".format(*power.range()))
            show("frequency", lambda: ", ".join(f"{m:.0f} MHz" for _, m in power.frequencies()))
            show("power", lambda: f"{power.watts()} W")
        power.close()
    except PowerError as e:
        sys.exit(f"power.py: {e}")


main()
