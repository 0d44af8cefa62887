#!/usr/bin/python3
"""node.py NAME ROOT OURS NODE: the exporter's metrics beside the node exporter's, both of the fake
machine in ROOT. Prints 'ok - …' and 'not ok - …'; fails when anything differs."""

import os
import re
import sys

LINE = re.compile(r'^(\w+)(?:\{(.*)\})? (\S+)$')
PAIR = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
# What a rounding of floating-point numbers may differ by.
CLOSE = 1e-9
CPUS = "sys/devices/system/cpu"


def metrics(path):
	"""name: [(labels, number)] of a text."""
	found = {}
	with open(path, encoding="utf-8") as text:
		for line in text:
			match = LINE.match(line)
			if match:
				name, labels, number = match.groups()
				pair = (dict(PAIR.findall(labels or "")), float(number))
				found.setdefault(name, []).append(pair)
	return found


def read(*parts):
	try:
		with open(os.path.join(*parts), encoding="utf-8") as text:
			return text.read().strip()
	except OSError:
		return None


def same(one, other):
	return abs(one - other) <= CLOSE * max(abs(one), abs(other), 1)


class Machine:
	"""A machine as both have told of it."""

	def __init__(self, root, ours, node):
		self.root = root
		self.ours = metrics(ours)
		self.node = metrics(node)
		self.problems = []

	def differ(self, text):
		self.problems.append(text)

	# ---- by processor ----

	def policies(self):
		"""processor: its policy"""
		found = {}
		folder = os.path.join(self.root, CPUS, "cpufreq")
		for policy in os.listdir(folder) if os.path.isdir(folder) else []:
			for cpu in (read(folder, policy, "affected_cpus") or "").split():
				found[cpu] = policy
		return found

	def frequencies(self, ours, node):
		"""Every processor has its policy's; what is 0 there is not known here."""
		policies = self.policies()
		told = {labels["policy"]: number for labels, number in self.ours.get(ours, [])}
		count = 0
		for labels, number in self.node.get(node, []):
			policy = policies.get(labels["cpu"])
			if number == 0:
				if policy in told:
					self.differ(f"{policy}: {told[policy]}, not unknown")
				continue
			count += 1
			if policy is not None and not same(told.get(policy, -1), number):
				self.differ(f"cpu{labels['cpu']}: {told.get(policy)}, not {number}")
		return count

	# ---- by zone ----

	def zone_name(self, path):
		"""The path of a zone of powercap in the node exporter's words, in ours."""
		names = []
		for parts in range(2, path.count(":") + 2):
			name = ":".join(path_of(path)[:parts])
			folder = os.path.join(os.path.dirname(path), name)
			names.append(read(folder, "name"))
		return "/".join(str(name) for name in names)

	def energy(self):
		told = {labels["zone"]: number
			for labels, number in self.ours.get("leonhard_energy_joules_total", [])}
		count = 0
		for name, lines in self.node.items():
			if not re.fullmatch(r"node_rapl_\w+_joules_total", name):
				continue
			for labels, number in lines:
				zone = self.zone_name(labels["path"])
				count += 1
				if not same(told.pop(zone, -1), number):
					self.differ(f"{zone}: not {number}")
		for zone in told:
			self.differ(f"{zone}: not known to the node exporter")
		return count

	# ---- as a whole ----

	def values(self, ours, nodes, scale=1.0):
		"""The same numbers, whatever they are called, but for a second chip of a name.

		The machine as a whole ("board") is none of its chips."""
		told = sorted(number for labels, number in self.ours.get(ours, [])
			      if not any("@hwmon" in text or text == "board"
					 for text in labels.values()))
		wanted = sorted(number * scale for node in nodes
				for _, number in self.node.get(node, []))
		if len(told) != len(wanted) or not all(map(same, told, wanted)):
			self.differ(f"{told}, not {wanted}")
		return len(wanted)


def path_of(path):
	return os.path.basename(path).split(":")


def compare(machine):
	"""What is compared: a text, and how; how many numbers it was."""
	frequencies = [
		("frequency", "", "scaling_frequency"),
		("lower limit", "_lower_limit", "scaling_frequency_min"),
		("upper limit", "_upper_limit", "scaling_frequency_max"),
		("lowest frequency", "_lowest", "frequency_min"),
		("highest frequency", "_highest", "frequency_max"),
	]
	for text, ours, node in frequencies:
		yield text, machine.frequencies(
			f"leonhard_cpu_frequency{ours}_hertz", f"node_cpu_{node}_hertz")
	yield "energy", machine.energy()
	values = [
		("power", "leonhard_power_meter_watts",
		 ["node_hwmon_power_watt", "node_hwmon_power_average_watt"], 1),
		("cap", "leonhard_power_cap_watts", ["node_hwmon_power_cap_watt"], 1),
		("lowest cap", "leonhard_power_cap_lowest_watts",
		 ["node_hwmon_power_cap_min_watt"], 1),
		("highest cap", "leonhard_power_cap_highest_watts",
		 ["node_hwmon_power_cap_max_watt"], 1),
		("fans", "leonhard_fan_rotation_hertz", ["node_hwmon_fan_rpm"], 1 / 60),
		("levels of fans", "leonhard_fan_level_ratio", ["node_hwmon_pwm"], 1 / 255),
		("temperatures", "leonhard_temperature_celsius", ["node_thermal_zone_temp"], 1),
	]
	for text, ours, nodes, scale in values:
		yield text, machine.values(ours, nodes, scale)


def main(name, root, ours, node):
	machine = Machine(root, ours, node)
	failed = False
	total = 0
	for text, count in compare(machine):
		total += count
		if machine.problems:
			failed = True
			print(f"not ok - {name}: {text} as the node exporter tells it")
			for problem in machine.problems[:5]:
				print(f"   {problem}")
			machine.problems.clear()
		elif count:
			print(f"ok - {name}: {text} as the node exporter tells it ({count})")
	return failed or total == 0


if __name__ == "__main__":
	sys.exit(main(*sys.argv[1:]))
