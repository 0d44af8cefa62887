/*
 * What the library tells the program's log callback.
 */
#include <stdatomic.h>
#include <stddef.h>

#include "libpwrapi/tell.h"

static _Atomic(tell_fn) told;

void tell_set(tell_fn callback)
{
	atomic_store(&told, callback);
}

void tell(enum tell_level level, const char *format, ...)
{
	tell_fn callback = atomic_load(&told);
	va_list args;

	if (!callback)
		return;
	va_start(args, format);
	callback(level, format, args);
	va_end(args);
}
