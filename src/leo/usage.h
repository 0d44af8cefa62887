/*
 * Help, made from the tables of the commands; each fits a screen of 24 lines and 80 columns.
 */
#ifndef LEO_USAGE_H
#define LEO_USAGE_H

#include "leo/leo.h"

/* All commands and the options that stand everywhere. */
void usage_overview(FILE *f);

void usage_command(const struct leo_command *c, FILE *f);

/* "leo node [describe|powers|probe|watch] [OPTION]...": how the command is called, without a line
 * end. */
void usage_synopsis(const struct leo_command *c, FILE *f);

#endif
