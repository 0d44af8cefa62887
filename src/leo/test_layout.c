/*
 * Tests of what is laid out for people: a reply or an interface that is made to be wide does not
 * make every line as wide as its widest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/layout.h"
#include "leo/records.h"

enum { WIDE = 100 * 1000, ROWS = 1000 };

/* Texts of a command, gathered. */
struct sheet {
	struct leo l;
	char *text;
	size_t len;
};

static void sheet_init(struct sheet *s)
{
	*s = (struct sheet){};
	s->l.out = open_memstream(&s->text, &s->len);
	assert_non_null(s->l.out);
}

static void sheet_close(struct sheet *s)
{
	assert_int_equal(fclose(s->l.out), 0);
}

static char *wide_word(void)
{
	char *word = malloc(WIDE + 1);

	assert_non_null(word);
	memset(word, 'x', WIDE);
	word[WIDE] = '\0';
	return word;
}

static const struct records_column columns[] = {{.title = "NAME", .key = "name"},
						{.title = "DETAIL", .key = "detail"}};

/* The rows beside it are no longer for it; a cut is between characters, and is seen. */
static void test_wide_record(void **state)
{
	_cleanup_free_ char *word = wide_word();
	_cleanup_(json_decrefp) json_t *records = json_array();
	struct sheet s;

	/* So that the place of the cut is within a character. */
	memcpy(word + 599, "é", 2);
	json_array_append_new(records, json_pack("{s:s}", "name", word));
	for (int i = 0; i < ROWS; i++)
		json_array_append_new(records, json_pack("{s:s}", "detail", "a"));
	sheet_init(&s);
	assert_int_equal(records_print(&s.l, columns, ARRAY_SIZE(columns), records), 0);
	sheet_close(&s);
	assert_in_range(s.len, ROWS * 10, ROWS * 700);
	assert_non_null(strstr(s.text, "xxx…"));
	free(s.text);
}

/* A program gets what was sent. */
static void test_wide_json(void **state)
{
	_cleanup_free_ char *word = wide_word();
	_cleanup_(json_decrefp) json_t *records = json_pack("[{s:s}]", "name", word);
	struct sheet s;

	sheet_init(&s);
	s.l.json = true;
	assert_int_equal(records_print(&s.l, columns, ARRAY_SIZE(columns), records), 0);
	sheet_close(&s);
	assert_non_null(strstr(s.text, word));
	free(s.text);
}

/* Nor are comments set behind the widest name of a field. */
static void test_wide_field(void **state)
{
	_cleanup_free_ char *word = wide_word(), *text = NULL, *problem = NULL;
	_cleanup_(idl_free_p) struct idl *idl = NULL;
	_cleanup_(strbuf_deinit) struct strbuf b = {};
	struct sheet s;

	assert_int_equal(strbuf_addf(&b, "interface a.b\nmethod M() -> (%s: int,\n# ", word), 0);
	for (int i = 0; i < ROWS * 10; i++)
		assert_int_equal(strbuf_addf(&b, "word "), 0);
	assert_int_equal(strbuf_addf(&b, "\nc: int)\n"), 0);
	assert_int_equal(strbuf_steal(&b, &text), 0);
	assert_int_equal(idl_parse(text, strlen(text), false, &idl, &problem), 0);
	sheet_init(&s);
	assert_int_equal(layout_interface(&s.l, idl), 0);
	sheet_close(&s);
	assert_in_range(s.len, WIDE, WIDE + ROWS * 10 * 20);
	free(s.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wide_record),
		cmocka_unit_test(test_wide_json),
		cmocka_unit_test(test_wide_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
