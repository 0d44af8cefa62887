/*
 * Prefixes, white space and vectors of words; see str.h.
 */
#include "base/str.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"

static const char blanks[] = " \t\n\v\f\r";

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t len = strlen(s), suffix_len = strlen(suffix);

	return len >= suffix_len && str_equal(s + len - suffix_len, suffix);
}

char *str_strip(char *s)
{
	size_t len;

	s += strspn(s, blanks);
	len = strlen(s);
	while (len && strchr(blanks, s[len - 1]))
		len--;
	s[len] = '\0';
	return s;
}

static size_t count_words(const char *text)
{
	size_t count = 0;

	for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
		text += strcspn(text, blanks);
		count++;
	}
	return count;
}

int str_split(const char *text, char ***ret_words)
{
	size_t count = count_words(text);
	_cleanup_(str_vector_free_p) char **words = calloc(count + 1, sizeof(*words));

	if (!words)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		size_t len;

		text += strspn(text, blanks);
		len = strcspn(text, blanks);
		words[i] = strndup(text, len);
		if (!words[i])
			return -ENOMEM;
		text += len;
	}
	*ret_words = take_ptr(words);
	return 0;
}

void str_vector_free(char **words)
{
	if (!words)
		return;
	for (char **w = words; *w; w++)
		free(*w);
	free(words);
}

void str_vector_free_p(char ***words)
{
	str_vector_free(*words);
}

size_t str_vector_count(char *const *words)
{
	size_t count = 0;

	while (words[count])
		count++;
	return count;
}

bool str_vector_contains(char *const *words, const char *word)
{
	for (; *words; words++)
		if (str_equal(*words, word))
			return true;
	return false;
}
