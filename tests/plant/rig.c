/*
 * The program for tests; see rig.h.
 */
#include "rig.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"

enum { ARGS_MAX = 32, HANG_MS = 20000, COLUMNS_MAX = 64 };

static pid_t running;

static void exec_plant(const char *const args[])
{
	const char *argv[ARGS_MAX + 5] = {"plant", "plant", "--log", "truth"};
	int out = open("plant.out", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	for (int n = 0; args[n] && n < ARGS_MAX; n++)
		argv[4 + n] = args[n];
	execv(getenv("TEST_PLANT"), (char **)argv);
	_exit(127);
}

/* How many lines of what it has printed begin so. */
static unsigned count_lines(const char *head)
{
	_cleanup_fclose_ FILE *f = fopen("plant.out", "re");
	char line[256];
	unsigned count = 0;

	while (f && fgets(line, sizeof(line), f))
		count += strncmp(line, head, strlen(head)) == 0;
	return count;
}

static void wait_for(const char *head, unsigned count)
{
	for (int ms = 0; count_lines(head) < count; ms += 10) {
		if (ms > HANG_MS || waitpid(running, NULL, WNOHANG) != 0)
			fail_msg("the plant does not say '%s'", head);
		usleep(10000);
	}
}

void plant_start(const struct testroot *t, const char *const args[])
{
	if (access("/dev/fuse", R_OK | W_OK) < 0) {
		print_message("no /dev/fuse\n");
		skip();
	}
	assert_true(mkdirat(t->fd, "plant", 0755) == 0 || errno == EEXIST);
	/* What another one has said is no answer. */
	unlink("plant.out");
	running = fork();
	if (running == 0)
		exec_plant(args);
	assert_true(running > 0);
	wait_for("simulated plant: 4 processors", 1);
}

void plant_faults(const struct testroot *t, const char *spec)
{
	unsigned before = count_lines("simulated plant: ");

	testroot_write(t, "faults", spec);
	assert_int_equal(kill(running, SIGHUP), 0);
	wait_for("simulated plant: ", before + 1);
}

void plant_stop(void)
{
	int status;

	assert_int_equal(kill(running, SIGTERM), 0);
	assert_int_equal(waitpid(running, &status, 0), running);
	running = 0;
	assert_int_equal(status, 0);
}

void plant_kill(const struct testroot *t)
{
	char path[64];

	if (running > 0) {
		kill(running, SIGKILL);
		waitpid(running, NULL, 0);
	}
	running = 0;
	snprintf(path, sizeof(path), "%s/plant", t->path);
	while (umount2(path, MNT_DETACH) == 0)
		;
}

double plant_number(const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	double number = NAN;

	if (!f || fscanf(f, "%lf", &number) != 1)
		fail_msg("%s has no number", path);
	return number;
}

/* ---- the log ---- */

struct row {
	double values[COLUMNS_MAX];
};

/* The place of a name in the line of names; false while it is not that line. */
static bool find_column(const char *line, const char *name, unsigned *ret_column)
{
	unsigned column = 0;
	size_t len = strlen(name);

	if (strncmp(line, "time_s", 6) != 0)
		return false;
	for (; *line; line += strcspn(line, ",\n"), line += *line != '\0', column++)
		if (strncmp(line, name, len) == 0 && strchr(",\n", line[len])) {
			*ret_column = column;
			return true;
		}
	fail_msg("no column %s", name);
	return false;
}

static bool parse_row(char *line, struct row *row)
{
	unsigned n = 0;

	if (*line < '0' || *line > '9' || !strchr(line, '\n'))
		return false;
	for (char *p = strtok(line, ",\n"); p && n < COLUMNS_MAX; p = strtok(NULL, ",\n"))
		row->values[n++] = atof(p);
	return true;
}

/* Calls @each with clock and value of every row. */
static void each_row(const char *column, void (*each)(void *arg, double clock_s, double value),
		     void *arg)
{
	_cleanup_fclose_ FILE *f = fopen("truth", "re");
	unsigned number = 0;
	bool found = false;
	char line[8192];
	struct row row;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (!found)
			found = find_column(line, column, &number);
		else if (parse_row(line, &row))
			each(arg, row.values[1], row.values[number]);
	}
	assert_true(found);
}

struct between {
	double clock_s, before_s, before, value;
};

static void look_between(void *arg, double clock_s, double value)
{
	struct between *b = arg;

	if (isnan(b->value) || clock_s <= b->clock_s)
		b->value = value;
	else if (b->before_s < b->clock_s)
		b->value = b->before + (value - b->before) * (b->clock_s - b->before_s) /
					       (clock_s - b->before_s);
	b->before_s = clock_s;
	b->before = value;
}

double truth_at(const char *column, double clock_s)
{
	struct between b = {.clock_s = clock_s, .value = NAN};

	each_row(column, look_between, &b);
	assert_false(isnan(b.value));
	return b.value;
}

struct mean {
	double from_s, to_s, sum;
	unsigned count;
};

static void add_to_mean(void *arg, double clock_s, double value)
{
	struct mean *m = arg;

	if (clock_s < m->from_s || clock_s > m->to_s)
		return;
	m->sum += value;
	m->count++;
}

double truth_mean(const char *column, double from_s, double to_s)
{
	struct mean m = {.from_s = from_s, .to_s = to_s};

	each_row(column, add_to_mean, &m);
	assert_true(m.count > 0);
	return m.sum / m.count;
}

/* Means over some rows, so that the steps of a governor are no failure to settle. */
enum { WINDOW_ROWS = 3 };

struct look {
	struct settling *settling;
	double limit, from_s, to_s, last[WINDOW_ROWS];
	unsigned count;
};

static void look_settling(void *arg, double clock_s, double value)
{
	struct look *l = arg;
	double mean = 0;

	if (clock_s < l->from_s || clock_s > l->to_s)
		return;
	l->last[l->count++ % WINDOW_ROWS] = value;
	if (l->count < WINDOW_ROWS)
		return;
	for (int i = 0; i < WINDOW_ROWS; i++)
		mean += l->last[i] / WINDOW_ROWS;
	if (fabs(mean - l->limit) > 0.02 * l->limit)
		l->settling->settle_s = clock_s - l->from_s;
	if (clock_s > l->from_s + 0.5)
		l->settling->overshoot_w = fmax(l->settling->overshoot_w, mean - l->limit);
}

struct settling truth_settling(const char *column, double limit, double from_s, double to_s)
{
	struct settling s = {};
	struct look l = {.settling = &s, .limit = limit, .from_s = from_s, .to_s = to_s};

	each_row(column, look_settling, &l);
	s.error_w = truth_mean(column, to_s - (to_s - from_s) / 3, to_s) - limit;
	return s;
}
