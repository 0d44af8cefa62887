/*
 * The booted guest, as its tests reach it: the console's address, people in a shell over ssh, and
 * its clock beside ours. tests/web-in-root says where it is, in the environment.
 */
import {spawn} from 'node:child_process';

export const URL = `https://127.0.0.1:${process.env.CONSOLE_PORT}/`;
/* As tests/console/guest makes them. */
export const PASSWORDS = {wanda: 'word of wanda', dora: 'word of dora'};

const SSH = [
	...['-p', process.env.SSH_PORT, '-i', process.env.SSH_KEY],
	...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
	...['-o', 'LogLevel=ERROR', '-o', 'BatchMode=yes'],
];
const COMMAND_TIMEOUT_MS = 60_000;
const TRIES = 90;

/*
 * A login shell over ssh, with a terminal, whose commands are typed one after the other. What a
 * command prints stands between two marks, which the echo of what was typed does not have.
 */
export class Shell {
	#process;
	#output = '';
	#count = 0;
	#heard = () => {};

	constructor(user) {
		this.#process = spawn('ssh', ['-tt', ...SSH, `${user}@127.0.0.1`], {
			stdio: 'pipe',
		});
		for (const pipe of [this.#process.stdout, this.#process.stderr])
			pipe.setEncoding('utf8').on('data', (text) => {
				this.#output += text;
				this.#heard();
			});
		/* Who writes to a shell that is gone hears of it by its exit. */
		this.#process.stdin.on('error', () => {});
		this.#process.on('exit', () => this.#heard());
	}

	/* A shell that answers. */
	static async open(user) {
		const shell = new Shell(user);

		try {
			await shell.run('PS1= PS2=; unset HISTFILE');
			return shell;
		} catch (error) {
			shell.close();
			throw error;
		}
	}

	/* What @command prints. It fails when the command does. */
	async run(command) {
		const mark = ++this.#count;

		this.#output = '';
		this.#process.stdin.write(
			` printf '<%s>\\n' ${mark}; ${command}; printf '<%s:%s>\\n' ${mark} $?\n`,
		);
		const [, output, status] = await this.#until(
			new RegExp(`<${mark}>\\r?\\n([^]*)<${mark}:(\\d+)>`),
			command,
		);

		if (status !== '0') throw new Error(`“${command}” ended with ${status}: ${output}`);
		return output.replace(/\r/g, '').trimEnd();
	}

	#until(pattern, command) {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(
				() => reject(new Error(`“${command}” took too long: ${this.#output}`)),
				COMMAND_TIMEOUT_MS,
			);

			this.#heard = () => {
				const found = pattern.exec(this.#output);

				if (!found && this.#process.exitCode === null) return;
				clearTimeout(timer);
				if (found) resolve(found);
				else reject(new Error(`the shell ended in “${command}”: ${this.#output}`));
			};
			this.#heard();
		});
	}

	close() {
		this.#process.kill();
	}
}

/* A shell of @user, as soon as the guest gives one. */
export async function openShell(user) {
	for (let tries = 1; ; tries++) {
		try {
			return await Shell.open(user);
		} catch (error) {
			if (tries === TRIES) throw error;
		}
		await new Promise((resolve) => setTimeout(resolve, 2000));
	}
}

/*
 * {offsetMs, errorMs}: how far the guest's clock is ahead of ours, and by how much that may be
 * wrong. The shell is asked for its time; it told it at some moment between the question and the
 * answer. Of many questions the fastest answer says most.
 */
export async function compareClocks(shell) {
	let best = {offsetMs: 0, errorMs: Infinity};

	for (let i = 0; i < 20; i++) {
		const asked = performance.timeOrigin + performance.now();
		const told = Number(await shell.run('echo $EPOCHREALTIME')) * 1000;
		const heard = performance.timeOrigin + performance.now();
		const errorMs = (heard - asked) / 2;

		if (errorMs < best.errorMs) best = {offsetMs: told - asked - errorMs, errorMs};
	}
	return best;
}
