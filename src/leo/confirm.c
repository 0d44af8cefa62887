/*
 * A question before something that cannot be undone; see confirm.h.
 */
#include "leo/confirm.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/fail.h"
#include "leo/interrupt.h"
#include "leo/text.h"

bool confirm_read(FILE *f)
{
	char line[64] = "";
	const char *word;
	bool whole = fgets(line, sizeof(line), f) && strchr(line, '\n');

	if (!whole && !feof(f))
		return false;
	word = str_strip(line);
	return strcasecmp(word, "y") == 0 || strcasecmp(word, "yes") == 0;
}

/* Ctrl-C is an answer too, and not the end of leo in the middle of a line. */
static bool ask(const char *question)
{
	bool yes;

	fprintf(stderr, "leo: %s [y/N] ", question);
	fflush(stderr);
	interrupt_begin();
	yes = confirm_read(stdin) && !interrupt_seen();
	if (interrupt_seen())
		fputc('\n', stderr);
	interrupt_end();
	return yes;
}

int confirm(struct leo *l, const char *next, const char *format, ...)
{
	_cleanup_free_ char *raw = NULL, *question = NULL;
	va_list ap;
	int r;

	if (l->yes)
		return LEO_DONE;
	va_start(ap, format);
	r = vasprintf(&raw, format, ap);
	va_end(ap);
	if (r < 0 || text_clean(raw, strlen(raw), &question) < 0)
		return fail_errno(l, -ENOMEM, "cannot ask");
	if (l->json || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return fail(l, &(struct failure){.status = LEO_FAILED, .next = next},
			    "%s Nobody can be asked here: nothing was changed", question);
	if (ask(question))
		return LEO_DONE;
	return fail(l, &(struct failure){.status = LEO_FAILED}, "nothing was changed");
}
