#!/usr/bin/python3
"""certify.py: org.varlink.certification with python3-varlink, as its users would write it.

	certify.py serve ADDRESS INTERFACE-FILE
	certify.py serve-wrong ADDRESS INTERFACE-FILE	with one reply that a client must notice
	certify.py call ADDRESS		every step in order
	certify.py wrong ADDRESS	every step with a wrong argument, which must be refused

Debian's package comes without the project's own certification test; the values are those that the
project publishes. Exits with 0 when everything went as published.
"""

import math
import sys
import uuid

import varlink

INTERFACE = 'org.varlink.certification'
NUMBERS = {'bool': False, 'int': 2, 'float': math.pi, 'string': 'a lot of string'}
NAMES = {'foo': 'Foo', 'bar': 'Bar'}
SET = {'one', 'two', 'three'}
MYTYPE = {
	'object': {'method': INTERFACE + '.Test09', 'parameters': {'map': NAMES}},
	'enum': 'two',
	'struct': {'first': 1, 'second': '2'},
	'array': ['one', 'two', 'three'],
	'dictionary': NAMES,
	'stringset': SET,
	'interface': {
		'foo': [None, {'Foo': 'foo', 'Bar': 'bar'}, None, {'one': 'foo', 'two': 'bar'}],
		'anon': {'foo': True, 'bar': False},
	},
}
STREAM = ['Reply number %d' % n for n in range(1, 11)]

# What each step takes besides the client's id, and gives: the members by name.
STEPS = {
	'Test01': ({}, {'bool': True}),
	'Test02': ({'bool': True}, {'int': 1}),
	'Test03': ({'int': 1}, {'float': 1.0}),
	'Test04': ({'float': 1.0}, {'string': 'ping'}),
	'Test05': ({'string': 'ping'}, NUMBERS),
	'Test06': (NUMBERS, {'struct': NUMBERS}),
	'Test07': ({'struct': NUMBERS}, {'map': NAMES}),
	'Test08': ({'map': NAMES}, {'set': SET}),
	'Test09': ({'set': SET}, {'mytype': MYTYPE}),
	'Test10': ({'mytype': MYTYPE}, [{'string': text} for text in STREAM]),
	'Test11': ({'last_more_replies': STREAM}, None),
}

# Wrong arguments of the right types.
WRONG = {
	'Test02': {'bool': False},
	'Test03': {'int': -1},
	'Test04': {'float': 1.25},
	'Test05': {'string': 'PING'},
	'Test06': {**NUMBERS, 'int': 3},
	'Test07': {'struct': {**NUMBERS, 'float': 3.14}},
	'Test08': {'map': {'foo': 'Foo'}},
	'Test09': {'set': {'one', 'two'}},
	'Test10': {'mytype': {**MYTYPE, 'enum': 'three'}},
}


def error(name, parameters=None):
	name = INTERFACE + '.' + name
	return varlink.VarlinkError({'error': name, 'parameters': parameters or {}})


class Certification:
	"""The methods of the interface. Which steps a client has passed is known by its id."""

	def __init__(self):
		self.passed = {}

	def take(self, step, client_id, **arguments):
		if client_id not in self.passed:
			raise error('ClientIdError')
		takes, gives = STEPS[step]
		if arguments != takes:
			raise error('CertificationError', {'wants': takes, 'got': arguments})
		self.passed[client_id].add(step)
		return gives

	def Start(self):
		client_id = str(uuid.uuid4())
		self.passed[client_id] = set()
		return {'client_id': client_id}

	def Test01(self, client_id):
		return self.take('Test01', client_id)

	def Test02(self, client_id, bool):
		return self.take('Test02', client_id, bool=bool)

	def Test03(self, client_id, int):
		return self.take('Test03', client_id, int=int)

	def Test04(self, client_id, float):
		return self.take('Test04', client_id, float=float)

	def Test05(self, client_id, string):
		return self.take('Test05', client_id, string=string)

	def Test06(self, client_id, bool, int, float, string):
		return self.take('Test06', client_id, bool=bool, int=int, float=float,
			string=string)

	def Test07(self, client_id, struct):
		return self.take('Test07', client_id, struct=struct)

	def Test08(self, client_id, map):
		return self.take('Test08', client_id, map=map)

	def Test09(self, client_id, set):
		return self.take('Test09', client_id, set=set)

	def Test10(self, client_id, mytype, _more=False):
		replies = self.take('Test10', client_id, mytype=mytype)
		if not _more:
			raise error('CertificationError', {'wants': {'more': True}, 'got': {}})
		for reply in replies:
			yield {**reply, '_continues': reply != replies[-1]}

	def Test11(self, client_id, last_more_replies, _oneway=False):
		if not _oneway:
			raise error('CertificationError', {'wants': {'oneway': True}, 'got': {}})
		self.take('Test11', client_id, last_more_replies=last_more_replies)

	def End(self, client_id):
		if client_id not in self.passed:
			raise error('ClientIdError')
		return {'all_ok': self.passed.pop(client_id) == STEPS.keys()}


def serve(address, interface_file):
	service = varlink.Service(vendor='tests', product='certify.py', version='1', url='')
	service.interface(interface_file)(Certification)

	class Handler(varlink.RequestHandler):
		pass

	Handler.service = service
	with varlink.ThreadingServer(address, Handler) as server:
		server.daemon_threads = True
		server.serve_forever()


def serve_wrong(address, interface_file):
	STEPS['Test02'] = (STEPS['Test02'][0], {'int': 2})
	serve(address, interface_file)


def refused(name, function, **arguments):
	try:
		answer = function(**arguments)
		# A stream is not called before it is read.
		if hasattr(answer, '__next__'):
			answer = next(answer)
	except varlink.VarlinkError as e:
		if e.error() == INTERFACE + '.' + name:
			return
		sys.exit('%s was answered with %s, not with %s' % (function.__name__, e, name))
	sys.exit('%s was answered with %s, not with %s' % (function.__name__, answer, name))


def passes(connection, step, client_id):
	# All by name: the library drops what is named behind what is not.
	takes, gives = STEPS[step]
	function = getattr(connection, step)
	if gives is None:
		function(client_id=client_id, **takes, _oneway=True)
		return
	if isinstance(gives, list):
		got = list(function(client_id=client_id, **takes, _more=True))
	else:
		got = function(client_id=client_id, **takes)
	if got != gives:
		sys.exit('%s was answered with %s, not with %s' % (step, got, gives))


def call(address):
	with varlink.Client(address) as client, client.open(INTERFACE) as connection:
		client_id = connection.Start()['client_id']
		for step in STEPS:
			passes(connection, step, client_id)
		end = connection.End(client_id)
		if end != {'all_ok': True}:
			sys.exit('End was answered with %s' % end)
		refused('ClientIdError', connection.Test01, client_id=client_id)


def wrong(address):
	with varlink.Client(address) as client, client.open(INTERFACE) as connection:
		client_id = connection.Start()['client_id']
		for step, arguments in WRONG.items():
			named = {'_more': True} if step == 'Test10' else {}
			refused('CertificationError', getattr(connection, step),
				client_id=client_id, **arguments, **named)
		refused('ClientIdError', connection.Test01, client_id='nobody')


VERBS = {
	('serve', 4): serve,
	('serve-wrong', 4): serve_wrong,
	('call', 3): call,
	('wrong', 3): wrong,
}

if __name__ == '__main__':
	if tuple(sys.argv[1:2]) + (len(sys.argv),) not in VERBS:
		sys.exit(__doc__)
	VERBS[sys.argv[1], len(sys.argv)](*sys.argv[2:])
