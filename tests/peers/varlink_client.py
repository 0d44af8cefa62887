#!/usr/bin/python3
"""varlink_client.py SERVICE: the service of the tests as another project's client sees it.

Starts SERVICE (rpc-testservice) below a root of its own and asks it with python3-varlink: who it is
and what it offers, calls, errors, a stream, a call without a reply. Says what was not as expected.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile

import varlink

TEST = "io.leonhard.Test"


def expect(what, got, wanted):
	if got != wanted:
		raise AssertionError("%s: expected %r, got %r" % (what, wanted, got))


def expect_error(what, call, name, parameters):
	try:
		got = call()
	except varlink.VarlinkError as error:
		expect(what, (error.error(), error.parameters()), (name, parameters))
		return
	raise AssertionError("%s: expected an error, got %r" % (what, got))


def about_the_service(client):
	expect("interfaces", client.get_interfaces(),
		["io.leonhard.Rpc", TEST, "org.varlink.service"])
	expect("vendor", client.info["vendor"], "Leonhard")
	expect("version", client.info["version"], "1")
	for name in client.info["interfaces"]:
		# Their parser takes our texts, and knows what is in them.
		expect("name of an interface", client.get_interface(name).name, name)
	methods = client.get_interface(TEST).members
	for name in ("Echo", "Stream", "Hold"):
		expect("a method " + name, name in methods, True)


def calls(test):
	for text in ("", "hi", "\u00e4\U0001f600\"\\\n", "x" * 100000):
		expect("Echo", test.Echo(text), {"text": text})
	expect("Sum", test.Sum([1, -2, 2 ** 40]), {"sum": 2 ** 40 - 1})
	expect("Nest", test.Nest({"a": [1, {"b": None}]}), {"value": {"a": [1, {"b": None}]}})
	expect("Who", test.Who(), {"uid": os.getuid(), "pid": os.getpid(), "class": "admin"})
	test.Echo("nobody hears", _oneway=True)
	expect("Counts", test.Counts()["echoed"], 5)


def errors(client, test):
	expect_error("Refuse", test.Refuse, TEST + ".Refused", {"reason": "as asked"})
	expect_error("Fail", test.Fail, "io.leonhard.Rpc.Failed",
		{"reason": "the disk is gone", "errno": 5})
	expect_error("Stream without more", lambda: test.Stream(1, 1),
		"io.leonhard.Rpc.ExpectedMore", {})
	expect_error("an interface that is not there",
		lambda: client.get_interface("io.leonhard.No"),
		"org.varlink.service.InterfaceNotFound", {"interface": "io.leonhard.No"})
	expect("Echo after errors", test.Echo("still there"), {"text": "still there"})


def streams(test):
	for count in (1, 1000):
		numbers = [r["number"] for r in test.Stream(count, 10, _more=True)]
		expect("Stream", numbers, list(range(count)))
	numbers = [r["number"] for r in test.Store(20000, 100, _more=True)]
	expect("Store", numbers, list(range(20000)))
	expect("Echo after streams", test.Echo("still there"), {"text": "still there"})


def main():
	root = tempfile.mkdtemp(prefix="rpc-peer-")
	service = subprocess.Popen([sys.argv[1], root], stdout=subprocess.PIPE)
	try:
		expect("the service", service.stdout.readline(), b"ready\n")
		address = "unix:" + root + "/run/leonhard/" + TEST
		with varlink.Client.new_with_address(address) as client:
			about_the_service(client)
			with client.open(TEST) as test:
				calls(test)
				errors(client, test)
				streams(test)
		service.send_signal(signal.SIGTERM)
		expect("its exit status", service.wait(60), 0)
	finally:
		if service.poll() is None:
			service.kill()
		shutil.rmtree(root)


if len(sys.argv) != 2:
	sys.exit(__doc__)
main()
