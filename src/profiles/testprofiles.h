/*
 * For the test of the daemon: a bus of its own, a polkit that says what it is told to, and the
 * power API, both halves, in a folder that plays a machine. What fails here fails the test.
 */
#ifndef PROFILES_TESTPROFILES_H
#define PROFILES_TESTPROFILES_H

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "base/testroot.h"

enum { PATIENCE_MS = 20000 };

/* A user of every system, who owns nothing. */
enum { SOMEBODY = 1 };

#define POLICY "sys/devices/system/cpu/cpufreq/policy0/"
#define PREFERENCE POLICY "energy_performance_preference"
#define BOOST "sys/devices/system/cpu/cpufreq/boost"
#define PLATFORM "sys/firmware/acpi/platform_profile"

#define OLD_NAME "net.hadess.PowerProfiles"
#define OLD_PATH "/net/hadess/PowerProfiles"
#define NEW_NAME "org.freedesktop.UPower.PowerProfiles"
#define NEW_PATH "/org/freedesktop/UPower/PowerProfiles"

enum helper { HELPER_BUS, HELPER_POLKIT, HELPER_WRITER, HELPER_POWER, HELPERS };

/* A machine that has all that a profile can set; or nothing of it. */
void make_machine(const struct testroot *t, bool bare);
void helper_start(const struct testroot *t, enum helper which);
void helper_kill(enum helper which);

/*
 * The polkit answers as it is told: "yes", "no", "challenge", or not at all ("silent"). What it is
 * asked for it writes to a file "asked".
 */
void polkit_say(const char *answer);
/* The action and the sender that it was asked for last. */
void expect_asked(const char *action, const char *sender);

/* Waits until the first line of the file is this. */
void expect_file(const char *path, const char *text);

/* A connection of this user to the bus. */
sd_bus *dial(uid_t uid);

#endif
