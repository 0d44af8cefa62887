/*
 * What the tests of io.leonhard.Power stand on: both halves of the power API, in a folder that
 * plays a machine of Intel's with two packages. What fails here fails the test.
 */
#ifndef PWRAPIS_TESTFRONT_H
#define PWRAPIS_TESTFRONT_H

#include <stdbool.h>

#include "rpc/testclient.h"

#define INTERFACE "io.leonhard.Power"
#define POLICIES "sys/devices/system/cpu/cpufreq/"
#define ZONE "sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/"

/* Somebody of class control. */
enum { CONTROLLER = 2 };

/* The folder with the machines, of the program's arguments. */
void front_init(int argc, char **argv);
/* The folder alone, then the two programs; for cmocka both, and their end. */
void front_prepare(const struct testroot *t);
void front_launch(const struct testroot *t);
int front_setup(void **state);
int front_teardown(void **state);

/* That the first line of the file becomes this. */
void expect_file(const char *path, const char *text);

json_t *read_one(struct client *c, const char *item);
/* The reading at @place; borrowed. */
json_t *at(const json_t *reply, const char *place);
double number_at(const json_t *reply, const char *place);
const char *text_at(const json_t *reply, const char *place, const char *member);

/* Takes @value, which is the parameter @member. */
json_t *set(struct client *c, const char *item, const char *place, json_t *value,
	    const char *member, bool keep);

#endif
