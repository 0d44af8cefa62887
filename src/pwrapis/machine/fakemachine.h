/*
 * Machines described in one file, which are made below a root for tests.
 *
 * A line is a file, a folder or a link; one that opens with # says nothing. {A-B} in the path makes
 * one of each number, {A-B/S} of each S-th. Behind it, {} is that number, {/N} and {%N} its
 * quotient and rest, {+N} and {-N} the sum and difference:
 *
 *     sys/devices/system/cpu/cpu{0-127}/topology/physical_package_id : {/64}
 *
 *     PATH = TEXT      a file that its owner may write, and a line end behind the text
 *     PATH : TEXT      one that nobody may write
 *     PATH * N TEXT    the text N times
 *     PATH > TARGET    a symbolic link
 *     PATH /           a folder
 *
 * In a text \n is a line end, \t a tab, \xHH a byte, and \c at its end leaves the line end out.
 */
#ifndef PWRAPIS_MACHINE_FAKEMACHINE_H
#define PWRAPIS_MACHINE_FAKEMACHINE_H

/* Makes what @text says below @root_fd. @ret_line is the line that is wrong, also on failure. */
int fakemachine_make(int root_fd, const char *text, unsigned *ret_line);

#endif
