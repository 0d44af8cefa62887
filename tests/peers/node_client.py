#!/usr/bin/python3
"""node_client.py ADDRESS API-FOLDER CLASS: a client of io.leonhard.Node with python3-varlink.

Prints "ok - ..." or "not ok - ..." for each thing that it tries. CLASS is what the server takes
this user for, "admin" or "observe".
"""

import pathlib
import sys

import varlink

NODE = 'io.leonhard.Node'


class Unexpected(Exception):
	pass


def want(good, text):
	if not good:
		raise Unexpected(text)


def error_of(function, *arguments, **named):
	try:
		answer = function(*arguments, **named)
	except varlink.VarlinkError as e:
		return e
	raise Unexpected('no error but %s' % answer)


class Tester:
	def __init__(self, address, api, user_class):
		self.address = address
		self.api = pathlib.Path(api)
		self.user_class = user_class
		self.failed = False
		self.text = (self.api / (NODE + '.varlink')).read_text()

	def check(self, text, function):
		try:
			function()
			print('ok - Python, %s: %s' % (self.user_class, text))
		# Whatever the library does not survive is a failure of this check alone.
		except Exception as e:
			print('not ok - Python, %s: %s: %r' % (self.user_class, text, e))
			self.failed = True

	def open(self, name=NODE, text=None):
		"""A connection whose methods are those of @text instead of the server's.

		The library checks arguments itself: what a server must refuse gets there only when
		the description of the interface lets it through.
		"""
		client = varlink.Client(self.address)
		if text:
			client.add_interface(varlink.Interface(text))
		return client.open(name)

	def files(self):
		files = list(self.api.glob('*.varlink'))
		want(files, 'there are none')
		for file in files:
			interface = varlink.Interface(file.read_text())
			want(interface.name + '.varlink' == file.name, file.name)

	def described_interfaces(self):
		with varlink.Client(self.address) as client:
			names = client.get_interfaces()
			info = client.info
			want(all(info[k] for k in ('vendor', 'product', 'version', 'url')), info)
			want(NODE in names and 'org.varlink.service' in names, names)
			for name in names:
				want(client.get_interface(name).name == name, name)

	def served_as_written(self):
		with varlink.Client(self.address) as client:
			served = client.get_interface(NODE).get_description()
			want(served == self.text, 'the server has another text')

	def unknown_description(self):
		with varlink.Client(self.address) as client:
			e = error_of(client.get_interface, 'io.leonhard.Nothing')
		want(isinstance(e, varlink.InterfaceNotFound), e)

	def describe(self):
		with self.open() as c:
			m = c.Describe()
		want(m['hostname'] and m['kernel']['release'] and m['kernel']['machine'], m)
		want(m['numa'], m)
		for numa in m['numa']:
			want(len(numa['distances']) == len(m['numa']), m)
		want(m['memory_bytes'] > 0 and m['boot_time_ns'] > 0 and m['uptime_ns'] > 0, m)

	def right(self, powers):
		want(powers, 'no powers')
		for power in powers:
			want(power['name'] and power['group'], power)
			want(power['state'] in ('yes', 'no', 'unknown'), power)

	def groups(self):
		with self.open() as c:
			every = c.ListPowers()['powers']
			self.right(every)
			group = every[0]['group']
			some = c.ListPowers(group)['powers']
		self.right(some)
		want(some == [p for p in every if p['group'] == group], some)

	def invalid_group(self):
		text = self.text.replace('group: ?string', 'group: ?int')
		with self.open(text=text) as c:
			e = error_of(c.ListPowers, 7)
		want(isinstance(e, varlink.InvalidParameter), e)
		want(e.parameters() == {'parameter': 'group'}, e)

	def invalid_name(self):
		text = self.text.replace('group: ?string', 'colour: ?string')
		with self.open(text=text) as c:
			e = error_of(c.ListPowers, 'red')
		want(isinstance(e, varlink.InvalidParameter), e)
		want(e.parameters() == {'parameter': 'colour'}, e)

	def unknown_method(self):
		with self.open(text=self.text + '\nmethod Nothing() -> ()\n') as c:
			e = error_of(c.Nothing)
		want(e.error() == 'org.varlink.service.MethodNotFound', e)
		want(e.parameters()['method'].endswith('Nothing'), e)

	def unknown_interface(self):
		name = 'io.leonhard.Nothing'
		with self.open(name, 'interface %s\nmethod List() -> ()\n' % name) as c:
			e = error_of(c.List)
		want(isinstance(e, varlink.InterfaceNotFound), e)
		want(e.parameters() == {'interface': name}, e)

	def watch(self):
		"""Leaves while the stream goes on, which nothing but a wait can tell."""
		with varlink.Client(self.address) as client:
			socket = client.open_connection()
			with client.open(NODE, connection=socket) as c:
				stream = c.Watch(_more=True)
				self.right(next(stream)['powers'])
				socket.settimeout(0.2)
				try:
					self.right(next(stream)['powers'])
				except TimeoutError:
					pass

	def watch_without_more(self):
		with self.open() as c:
			e = error_of(c.Watch)
		want(e.error() == 'io.leonhard.Rpc.ExpectedMore', e)

	def oneway(self):
		"""What gets no reply would be answered differently from the call behind it."""
		with self.open() as c:
			want(c.Describe(_oneway=True) is None, 'a reply')
			self.right(c.ListPowers()['powers'])

	def refused(self):
		with self.open() as c:
			e = error_of(c.Probe)
		want(e.error() == 'org.varlink.service.PermissionDenied', e)

	def all(self):
		checks = {
			'its parser takes every file in api/': self.files,
			'GetInfo, and its parser takes every interface': self.described_interfaces,
			'GetInterfaceDescription gives the file of api/': self.served_as_written,
			'an interface that is not there has no description':
				self.unknown_description,
			'Describe': self.describe,
			'ListPowers, all and of one group': self.groups,
			"a group that is a number is the invalid parameter 'group'":
				self.invalid_group,
			'a parameter that does not exist is invalid by its name': self.invalid_name,
			'a method that does not exist': self.unknown_method,
			'an interface that does not exist': self.unknown_interface,
			'Watch: the first reply, and more to come': self.watch,
			'Watch without more': self.watch_without_more,
			'oneway: no reply comes': self.oneway,
		}
		if self.user_class != 'admin':
			checks['Probe is refused'] = self.refused
		for text, function in checks.items():
			self.check(text, function)


if __name__ == '__main__':
	if len(sys.argv) != 4:
		sys.exit(__doc__)
	tester = Tester(*sys.argv[1:])
	tester.all()
	sys.exit(tester.failed)
