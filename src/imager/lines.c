/*
 * Text by lines and words; see lines.h.
 */
#include "lines.h"

#include <stddef.h>
#include <string.h>

static const char blanks[] = " \t\r";

void lines_init(struct lines *l, char *text)
{
	*l = (struct lines){.next = text};
}

bool lines_next(struct lines *l, char **ret_line)
{
	char *line = l->next;

	if (!*line)
		return false;
	l->next += strcspn(line, "\n");
	if (*l->next)
		*l->next++ = '\0';
	l->number++;
	*ret_line = line;
	return true;
}

bool lines_next_setting(struct lines *l, char **ret_line)
{
	char *line;

	while (lines_next(l, &line)) {
		line = lines_trim(line);
		if (*line && *line != '#') {
			*ret_line = line;
			return true;
		}
	}
	return false;
}

char *lines_word(char **rest)
{
	char *word = *rest + strspn(*rest, blanks);

	if (!*word)
		return NULL;
	*rest = word + strcspn(word, blanks);
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

char *lines_trim(char *text)
{
	size_t len;

	text += strspn(text, blanks);
	len = strlen(text);
	while (len && strchr(blanks, text[len - 1]))
		text[--len] = '\0';
	return text;
}
