#!/usr/bin/python3
"""cpupower.py NAME ROOT: what 'leo power get' has told beside what cpupower has printed, both in
files of the fake machine in ROOT. Prints 'ok - …' and 'not ok - …'; fails when anything differs."""

import json
import os
import re
import sys


def lines(root, name):
	with open(os.path.join(root, name), encoding="utf-8") as text:
		return text.read().splitlines()


def asked(root):
	"""(item, place): the value that leo has printed."""
	found = {}
	for line in lines(root, "asked"):
		reading = json.loads(line)
		for member in ("number", "text", "words"):
			if reading.get(member) is not None:
				found[reading["item"], reading["place"]] = reading[member]
	return found


def by_cpu(root, name):
	"""processor: the lines that were printed of it"""
	found = {}
	cpu = None
	for line in lines(root, name):
		match = re.match(r"analyzing CPU (\d+):", line)
		if match:
			cpu = match.group(1)
		elif cpu is not None:
			found.setdefault(cpu, []).append(line)
	return {cpu: "\n".join(text) for cpu, text in found.items()}


class Beside:
	def __init__(self, root):
		self.root = root
		self.told = asked(root)
		self.policies = {}
		for (item, place), words in self.told.items():
			if item == "cpufreq.processors":
				self.policies.update({cpu: place for cpu in words})

	def of_cpu(self, item, cpu):
		return self.told.get((item, self.policies.get(cpu)))

	def differences(self, name, item, pattern, value):
		"""(how many were compared, what differs) of what is printed of each processor."""
		count, wrong = 0, []
		for cpu, text in by_cpu(self.root, name).items():
			match = re.search(pattern, text)
			if not match:
				continue
			count += 1
			if self.of_cpu(item, cpu) != value(match.group(1)):
				told = self.of_cpu(item, cpu)
				wrong.append(f"cpu{cpu}: {told}, not {match.group(1)}")
		return count, wrong

	def idle(self, item, pattern, value):
		"""The same of idle states of processor 0, which are told one after another. What is
		not the same for all processors has no one value here."""
		count, wrong = 0, []
		text = "\n".join(lines(self.root, "idle"))
		for state, printed in enumerate(re.findall(pattern, text, re.M)):
			told = self.told.get((item, f"state{state}"))
			if told is None and item == "idle.disabled":
				continue
			count += 1
			if told is None or not value(told, printed):
				wrong.append(f"state{state}: {told}, not {printed}")
		return count, wrong

	def machine(self, item, pattern):
		text = "\n".join(lines(self.root, "idle"))
		match = re.search(pattern, text)
		told = [value for (name, _), value in self.told.items() if name == item]
		if not match or match.group(1) == "(null)":
			return 0, []
		if not told and self.is_read_only(item):
			return 0, []
		return 1, [] if told == [match.group(1)] else [f"{told}, not {match.group(1)}"]

	def is_read_only(self, item):
		"""Whether the kernel has the governor of idle states in its older file."""
		folder = os.path.join(self.root, "sys/devices/system/cpu/cpuidle")
		return item == "idle.governor" and not os.path.exists(folder + "/current_governor")

	def zones(self):
		"""powercap-info nests zones by tabs, and says under each whether it is enabled."""
		count, wrong, path = 0, [], []
		for line in lines(self.root, "powercap"):
			match = re.match(r"(\t*)Zone: (\S+)", line)
			if match:
				path = path[: len(match.group(1))] + [match.group(2)]
			elif line.strip() in ("(enabled)", "(disabled)"):
				zone = "/".join(path)
				enabled = self.told.get(("powercap.enabled", zone))
				count += 1
				if enabled != (line.strip() == "(enabled)"):
					wrong.append(f"{zone}: {enabled}, not {line.strip()}")
		return count, wrong


def kilohertz(text):
	return int(text) * 1000


def words(text):
	return None if text == "Not Available" else text.split()


def is_micros(told, printed):
	return round(told * 1e6) == int(printed)


def compare(beside):
	per_cpu = [
		("driver of frequencies", "driver", "cpufreq.driver", r"driver: (\S+)", str),
		("governors", "governors", "cpufreq.available-governors",
		 r"available cpufreq governors: (.*\S)", words),
		("governor", "policy", "cpufreq.governor", r'The governor "(\S+)"', str),
		("lowest frequency", "limits", "cpufreq.hardware-min", r"^(\d+) \d+", kilohertz),
		("highest frequency", "limits", "cpufreq.hardware-max", r"^\d+ (\d+)", kilohertz),
	]
	for text, *how in per_cpu:
		yield text, beside.differences(*how)
	yield "driver of idle states", beside.machine("idle.driver", r"CPUidle driver: (\S+)")
	yield "governor of idle states", beside.machine("idle.governor", r"CPUidle governor: (\S+)")
	yield "idle states", beside.idle("idle.name", r"^([^\s:]+)(?: \(DISABLED\) )?:$",
					 lambda told, printed: told == printed)
	yield "latencies of idle states", beside.idle("idle.latency", r"^Latency: (\d+)", is_micros)
	yield "idle states that are off", beside.idle(
		"idle.disabled", r"^[^\s:]+( \(DISABLED\) )?:$",
		lambda told, printed: bool(told) == bool(printed))
	yield "zones of powercap", beside.zones()


def main(name, root):
	failed = False
	total = 0
	for text, (count, wrong) in compare(Beside(root)):
		total += count
		failed = failed or bool(wrong)
		if wrong:
			print(f"not ok - {name}: {text} as cpupower tells it")
			for problem in wrong[:5]:
				print(f"   {problem}")
		elif count:
			print(f"ok - {name}: {text} as cpupower tells it ({count})")
	return failed or total == 0


if __name__ == "__main__":
	sys.exit(main(*sys.argv[1:]))
