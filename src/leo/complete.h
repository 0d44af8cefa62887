/*
 * What can be typed next: leo --complete WORD...
 *
 * The words are those behind "leo" up to the cursor; the last one is being typed, and may be empty.
 * Each line of the answer is a word that begins like it, upper and lower case being the same, and
 * behind a tab what it means. A line that begins with ":" is an instruction to the shell (words.h).
 */
#ifndef LEO_COMPLETE_H
#define LEO_COMPLETE_H

#include "leo/leo.h"

/* @words: @count of them, and NULL behind. Always LEO_DONE: what is unknown is not completed. */
int complete(int count, char **words);

#endif
