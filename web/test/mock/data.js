/*
 * What the mock node tells: a machine, its powers, and any number of records, each made from its
 * number alone, so that a hundred thousand of them take no memory and are the same in every run.
 */
const GIB = 2 ** 30;

/* ---- the machine ---- */

export function describeNode(nowMs) {
	return {
		hostname: 'atlas-02',
		machine_id: '5b1f0a7f3a7e4f0f8a8c2c7a3d9e6b41',
		operating_system: 'Leonhard 0.4 (Debian 12)',
		virtualization: 'qemu',
		virtualization_evidence: '/sys/class/dmi/id/sys_vendor says QEMU',
		hardware: {
			vendor: 'QEMU',
			product: 'Standard PC (Q35 + ICH9, 2009)',
			firmware: '1.16.3-debian-1.16.3-2',
		},
		kernel: {
			release: '6.12.57-leonhard',
			version: '#1 SMP PREEMPT_DYNAMIC',
			machine: 'x86_64',
			leonhard: true,
			command_line:
				'root=LABEL=leonhard rw console=ttyS0 ' +
				'lsm=landlock,lockdown,yama,apparmor,bpf quiet',
		},
		cpu: {
			model: 'AMD EPYC 7763 64-Core Processor',
			vendor: 'AuthenticAMD',
			online: 4,
			possible: 8,
			sockets: 1,
			cores: 4,
			threads_per_core: 1,
		},
		numa: [
			{id: 0, cpus: '0-1', memory_bytes: 4 * GIB, distances: [10, 20]},
			{id: 1, cpus: '2-3', memory_bytes: 4 * GIB, distances: [20, 10]},
		],
		memory_bytes: 8 * GIB,
		boot_time_ns: (nowMs - 276_000_000) * 1e6,
		uptime_ns: 276_000_000 * 1e6,
	};
}

function sign(name, condition, detail, evidence) {
	return {name, condition, detail, evidence};
}

export function nodeHealth(isBad) {
	const signs = [
		isBad
			? sign(
					'memory.available',
					'bad',
					'212 MiB of 8.0 GiB are available',
					'MemAvailable of /proc/meminfo; bad below 4 % of the memory',
				)
			: sign(
					'memory.available',
					'good',
					'5.1 GiB of 8.0 GiB are available',
					'MemAvailable of /proc/meminfo; bad below 4 % of the memory',
				),
		sign(
			'memory.stalled',
			'good',
			'nothing waited for memory in the last minute',
			'full avg60 of /proc/pressure/memory; bad from 10 % on',
		),
		sign(
			'memory.broken',
			'good',
			'no page was taken out of use',
			'HardwareCorrupted of /proc/meminfo; bad above 0',
		),
		sign(
			'memory.errors',
			'unknown',
			'the kernel does not count them',
			'/sys/devices/system/edac/mc is empty',
		),
	];

	return {healthy: !isBad, signs};
}

export function traceHealth(isBad) {
	const signs = [
		sign(
			'capture',
			isBad ? 'bad' : 'good',
			isBad ? 'leonhard-filetrace does not run' : 'runs',
			'the lock on /var/lib/leonhard/filetrace/lock',
		),
		sign('store', 'good', 'can be read', 'trace.sqlite opened'),
		sign('backend', 'good', 'lsm: edits cannot pass by', 'programs are attached'),
		sign('lost', 'good', 'no event was lost since boot', 'count of the source; bad above 0'),
		sign('disk', 'good', '11 GiB are free', 'statvfs of the store; bad below 64 MiB'),
		sign(
			'attribution',
			'good',
			'all of the last 100 records name who made them',
			'records of the store',
		),
		sign('problem', 'good', 'every watch is in effect', 'watches of the store'),
	];

	return {healthy: !isBad, signs};
}

const POWERS = [
	['bpf.btf', 'yes', 'types of the running kernel', 'loaded a program that needs them'],
	['bpf.fentry', 'yes', 'programs at the entry of functions', 'loaded and attached a program'],
	['bpf.lsm', 'yes', 'programs that decide', 'loaded and attached a program; it refused'],
	['bpf.lsm_active', 'yes', 'in effect', '/sys/kernel/security/lsm lists bpf'],
	['bpf.ring_buffer', 'yes', 'events come in order', 'read an event'],
	['bpf.sched_ext', 'yes', 'schedulers as programs', 'loaded a scheduler, not attached'],
	['bpf.kprobe_multi', 'no', 'not supported', 'the kernel replied EOPNOTSUPP'],
	[
		'bpf.unprivileged',
		'no',
		'for administrators only',
		'/proc/sys/kernel/unprivileged_bpf_disabled is 2',
	],
	['cgroup.v2', 'yes', 'cpuset cpu io memory hugetlb pids', '/sys/fs/cgroup/cgroup.controllers'],
	['cgroup.v1', 'no', 'not mounted', '/proc/mounts'],
	['psi', 'yes', 'cpu, io, memory', '/proc/pressure exists'],
	['energy.cpufreq', 'no', 'no driver', '/sys/devices/system/cpu/cpufreq is empty'],
	['energy.powercap', 'no', 'no zones', '/sys/class/powercap is empty'],
	[
		'energy.thermal',
		'unknown',
		'sensors could not be read',
		'/sys/class/thermal/thermal_zone0/temp: EIO',
	],
	['kvm', 'yes', 'a guest booted', 'reported its last stage, halted'],
	['kvm.nested', 'no', 'off', '/sys/module/kvm_amd/parameters/nested is 0'],
	['vhost.vsock', 'yes', 'there', '/sys/class/misc/vhost-vsock exists'],
	['security.landlock', 'yes', 'ABI 6', 'made a rule set'],
	['security.apparmor', 'yes', 'enabled', '/sys/module/apparmor/parameters/enabled is Y'],
	['security.selinux', 'no', 'not in this kernel', '/sys/fs/selinux does not exist'],
	['kernel.io_uring', 'yes', 'for everybody', 'set up a ring'],
	['kernel.livepatch', 'yes', 'there', '/sys/kernel/livepatch exists'],
	['memory.numa', 'yes', '2 nodes', '/sys/devices/system/node'],
	['memory.huge_pages', 'yes', '2 MiB, 1 GiB', '/sys/kernel/mm/hugepages'],
	['memory.ksm', 'no', 'off', '/sys/kernel/mm/ksm/run is 0'],
	['hardware.dmi', 'yes', 'QEMU', '/sys/class/dmi/id'],
	['hardware.tpm', 'yes', 'version 2', '/sys/class/tpm/tpm0/tpm_version_major'],
	['hardware.watchdog', 'no', 'none', '/sys/class/watchdog is empty'],
	['hardware.secure_boot', 'unknown', 'not told', 'no EFI variables'],
];
const GROUPS = {psi: 'cgroup', kvm: 'virtualization', vhost: 'virtualization'};

export function listPowers() {
	return POWERS.map(([name, state, detail, evidence]) => {
		const prefix = name.split('.')[0];

		return {name, group: GROUPS[prefix] ?? prefix, state, detail, evidence};
	});
}

export const INTERFACES = [
	{
		name: 'io.leonhard.Node',
		description:
			'What this machine is, and which powers it offers to the services of Leonhard, ' +
			'each with how it was\nfound out.',
	},
	{
		name: 'io.leonhard.Trace',
		description:
			'Who changed a file of this node, when, with which program, and what exactly ' +
			'changed in it. Paths,\nprograms and arguments are escaped.',
	},
	{
		name: 'io.leonhard.Power',
		description:
			'What this machine tells about power, and what of it can be set. What is set is put ' +
			'back when whoever\nhas set it goes.',
	},
	{name: 'io.leonhard.Rpc', description: 'What every service of Leonhard shares.'},
	{name: 'org.varlink.service', description: 'What every varlink service answers.'},
];

/* ---- records ---- */

const PATHS = [
	'/etc/ssh/sshd_config',
	'/etc/sysctl.conf',
	'/etc/nginx/sites-available/shop.conf',
	'/etc/hosts',
	'/etc/systemd/system/backup.timer',
	'/etc/passwd',
	'/etc/shadow',
	'/etc/cron.d/a\\x0ab',
	'/srv/app/config/production/database/connection-pools/primary-with-a-rather-long-name.yaml',
	'/etc/apt/sources.list.d/backports.list',
	'/etc/nftables.conf',
	'/etc/ssl/private/shop.key',
	'/etc/motd',
	'/etc/fstab',
	'/usr/local/bin/deploy',
	'/etc/Grüße.conf',
];
const METHODS = [
	'in-place',
	'replace',
	'append',
	'metadata',
	'create',
	'replace',
	'delete',
	'in-place',
	'link',
	'truncate',
	'replace',
	'unknown',
	'in-place',
];
const PROGRAMS = [
	'/usr/bin/vim.basic',
	'/usr/bin/sed',
	'/usr/bin/dash',
	'/usr/bin/dpkg',
	'/usr/bin/chmod',
	'/usr/sbin/useradd',
	'/usr/bin/python3.11',
];

/* Some bits out of a number, the same each time. */
function mix(n) {
	let x = (n * 2654435761) >>> 0;

	x ^= x >>> 15;
	x = Math.imul(x, 0x85ebca6b) >>> 0;
	return (x ^ (x >>> 13)) >>> 0;
}

function hash(n) {
	return Array.from({length: 8}, (_, i) =>
		mix(n * 8 + i)
			.toString(16)
			.padStart(8, '0'),
	).join('');
}

export function summary(id, timeNs) {
	const bits = mix(id);
	const path = PATHS[bits % PATHS.length];
	const method = path === '/etc/shadow' ? 'replace' : METHODS[(bits >>> 5) % METHODS.length];
	const isKnown = method !== 'unknown';
	const isService = (bits >>> 9) % 4 === 0;
	const isSecret = path === '/etc/shadow' || path.endsWith('.key');
	const login = isKnown && !isService ? 1000 + ((bits >>> 11) % 3) : null;

	return {
		id: String(id),
		time_ns: timeNs,
		path,
		method,
		op_count: (bits >>> 13) % 17 === 0 ? 4 : 1,
		exe: isKnown ? PROGRAMS[(bits >>> 15) % PROGRAMS.length] : null,
		pid: isKnown ? 1000 + ((bits >>> 3) % 30000) : null,
		uid: isKnown ? 0 : null,
		login_uid: login,
		session: login === null ? null : 4,
		tty: login === null ? null : `pts/${(bits >>> 7) % 4}`,
		unit: !isKnown ? null : isService ? 'apt-daily-upgrade.service' : 'session-4.scope',
		attribution: isKnown ? 'full' : 'none',
		content: (bits >>> 13) % 17 === 0 ? 'coalesced' : 'exact',
		old_sha256: isSecret || method === 'create' ? null : hash(id),
		new_sha256:
			isSecret || method === 'delete' ? null : hash(method === 'metadata' ? id : id + 1),
	};
}

const SSHD = `@@ -12,9 +12,10 @@
 #ListenAddress ::

 #HostKey /etc/ssh/ssh_host_rsa_key
-PermitRootLogin yes
+PermitRootLogin prohibit-password
 #StrictModes yes
-MaxAuthTries 6
-#MaxSessions 10
+MaxAuthTries 3
+MaxSessions 10
+AllowGroups ssh-users adm

 #PubkeyAuthentication yes

@@ -57,6 +58,6 @@
 # To disable tunneled clear text passwords, change to no here!
-PasswordAuthentication yes
+PasswordAuthentication no
 #PermitEmptyPasswords no

 # <script>alert(1)</script> is text, and so are \\x1b[31m and \u202egnitirw\u202c
 UsePAM yes
`;

function diffOf(s) {
	const path = s.path.slice(1);
	const head = (a, b) => `--- ${a}\n+++ ${b}\n`;

	if (s.method === 'create')
		return (
			`${head('/dev/null', `b/${path}`)}@@ -0,0 +1,3 @@\n+# made by ` +
			`hand\n+OnCalendar=daily\n+Persistent=true\n`
		);
	if (s.method === 'delete')
		return (
			`${head(`a/${path}`, '/dev/null')}@@ -1,2 +0,0 @@\n-one\n-two\n\\ No newline ` +
			`at end of file\n`
		);
	if (s.method === 'append')
		return (
			`${head(`a/${path}`, `b/${path}`)}@@ -66,3 +66,4 @@\n \n #kernel.sysrq=438\n ` +
			`\n+vm.swappiness=10\n`
		);
	return head(`a/${path}`, `b/${path}`) + SSHD;
}

/* A large difference, as ReadContent hands it out. */
export function largeDiff(path, lines = 20000) {
	const body = Array.from(
		{length: lines},
		(_, i) => `-setting_${i} = ${i}\n+setting_${i} = ${i + 1}\n`,
	).join('');

	return `--- a${path}\n+++ b${path}\n@@ -1,${lines} +1,${lines} @@\n${body}`;
}

function process(pid, exe, argv, uid) {
	return {pid, start_ns: pid * 1_000_000, exe, argv, argv_truncated: false, uid};
}

function ancestry(s) {
	if (s.pid === null) return [];
	if (s.login_uid === null)
		return [
			process(512, '/usr/bin/apt-get', ['apt-get', 'upgrade', '-y'], 0),
			process(1, '/usr/lib/systemd/systemd', ['/sbin/init'], 0),
		];
	return [
		process(s.pid - 1, '/usr/bin/sudo', ['sudo', 'vim', s.path], 0),
		process(s.pid - 90, '/usr/bin/bash', ['-bash'], s.login_uid),
		process(s.pid - 91, '/usr/sbin/sshd', [`sshd: ada@${s.tty}`], s.login_uid),
		process(
			801,
			'/usr/sbin/sshd',
			['sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups'],
			0,
		),
		process(1, '/usr/lib/systemd/systemd', ['/sbin/init'], 0),
	];
}

function state(size, mode, uid) {
	return {kind: 'file', mode, uid, gid: 0, size, attributes: null};
}

/* What an administrator gets, and everybody else. */
export function record(s, isAdmin) {
	const isRedacted = s.path === '/etc/shadow' || s.path.endsWith('.key');
	const isPrivate = s.path.startsWith('/etc/nftables');
	const isWithheld = isPrivate && !isAdmin;
	const isMetadata = s.method === 'metadata';
	const isLarge = s.path.startsWith('/srv/app') && s.method === 'replace';
	const hasDiff = !isRedacted && !isWithheld && !isMetadata && !isLarge && s.method !== 'unknown';
	const mode = isRedacted || isPrivate ? 0o640 : 0o644;

	return {
		...s,
		old_sha256: isWithheld ? null : s.old_sha256,
		new_sha256: isWithheld ? null : s.new_sha256,
		argv: s.pid === null ? [] : [s.exe.split('/').pop(), '-n', 'a file', s.path],
		argv_truncated: s.op_count > 1,
		ancestry: ancestry(s),
		ancestry_truncated: false,
		old: s.method === 'create' ? null : state(3289, mode, 0),
		new:
			s.method === 'delete'
				? null
				: state(
						isMetadata ? 3289 : 3341,
						isMetadata ? 0o4777 : mode,
						isMetadata ? 1001 : 0,
					),
		diff: hasDiff ? diffOf(s) : null,
		diff_truncated: isLarge && !isWithheld,
		withheld: isWithheld,
		redacted: isRedacted,
		fields:
			s.path === '/etc/shadow'
				? [
						{account: 'bob', field: 'password'},
						{account: 'bob', field: 'last change'},
						{account: 'eve', field: 'account'},
					]
				: [],
	};
}

export function content(s, side) {
	if (side === 'diff')
		return Buffer.from(s.path.startsWith('/srv/app') ? largeDiff(s.path) : diffOf(s));
	return Buffer.from(`# ${s.path}, ${side}\n`.repeat(4000));
}

export function watches() {
	return [
		{path: '/etc/', origin: 'default', files: 1873, problem: null},
		{path: '/usr/local/', origin: 'default', files: 41, problem: null},
		{path: '/root/.ssh/', origin: 'default', files: 2, problem: null},
		{path: '/srv/app/config/', origin: 'user', files: 212, problem: null},
		{path: '/var/lib/misc/*.db', origin: 'user', files: 0, problem: 'no file fits at present'},
	];
}
