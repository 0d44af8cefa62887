/*
 * A table and a fake root for tests of the table: machines of tests/golden/pwrapis, and short words
 * for what is done with them. What fails here fails the test.
 */
#ifndef PWRAPIS_MACHINE_TESTTABLE_H
#define PWRAPIS_MACHINE_TESTTABLE_H

#include "base/testroot.h"
#include "pwrapis/machine.h"

#define CPUFREQ "sys/devices/system/cpu/cpufreq"

/* Of the test: the root, and the machine in it. */
extern const struct testroot *root;
extern struct machine *m;

/* The folder of the machines. */
int testtable_open(const char *folder);
/* For cmocka's group. */
int testtable_setup(void **state);
int testtable_teardown(void **state);

/* Makes the machine of this name, and looks it over. */
void use(const char *name);

unsigned item(const char *name);
int check(const char *name, unsigned index, double number);
int check_text(const char *name, unsigned index, const char *text);
int write_number(const char *name, unsigned index, double number);
double read_number(const char *name, unsigned index);
/* How reading fails; the value stays as it was. */
int read_error(const char *name, unsigned index);
void assert_file(const char *path, const char *expected);

#endif
