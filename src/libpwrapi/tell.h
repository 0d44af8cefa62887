/*
 * What the library tells the program's log callback: which call failed, and how. Without a callback
 * nothing is told, and nothing is ever printed. It runs in the thread that made the call.
 */
#ifndef LIBPWRAPI_TELL_H
#define LIBPWRAPI_TELL_H

#include <stdarg.h>

enum tell_level { TELL_DEBUG, TELL_INFO, TELL_WARNING, TELL_ERROR };

typedef void (*tell_fn)(int level, const char *format, va_list args);

void tell_set(tell_fn callback);

void tell(enum tell_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
