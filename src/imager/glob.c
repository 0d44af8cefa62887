/*
 * Patterns over paths; see glob.h for the language.
 *
 * A pattern is cut into pieces once. Matching then walks the path once, and keeps for each piece
 * whether the path so far can end before it, all alternatives at a time (a nondeterministic
 * automaton, simulated). There is nothing to backtrack, so that `*a*a*a*a*b` costs no more than
 * any other pattern of its length. The literal bytes a pattern starts with are compared first:
 * they decide nearly every match.
 */
#include "glob.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"

enum kind { LITERAL, SET, STAR, STARSTAR };

struct piece {
	enum kind kind;
	uint8_t byte; /* LITERAL */
	uint8_t set[32]; /* SET: one bit for each byte */
};

struct glob {
	size_t prefix_len; /* how many pieces at the start are literal */
	size_t piece_count;
	struct piece pieces[];
};

static void set_add(struct piece *p, unsigned first, unsigned last)
{
	for (unsigned c = first; c <= last; c++)
		p->set[c / 8] |= 1 << c % 8;
}

static void set_invert(struct piece *p)
{
	for (size_t i = 0; i < sizeof(p->set); i++)
		p->set[i] = ~p->set[i];
}

static bool set_has(const struct piece *p, uint8_t c)
{
	return p->set[c / 8] >> c % 8 & 1;
}

/* Reads the set that opens before @p; returns what follows its bracket, NULL when it has none. */
static const uint8_t *parse_set(const uint8_t *p, struct piece *ret_piece)
{
	bool inverted = *p == '!' || *p == '^';
	const uint8_t *start = p += inverted;

	for (; *p != ']' || p == start; p++) {
		unsigned first, last;

		if (*p == '\\')
			p++;
		if (!*p)
			return NULL;
		first = last = *p;
		if (p[1] == '-' && p[2] && p[2] != ']') {
			last = p[2];
			p += 2;
		}
		set_add(ret_piece, first, last);
	}
	if (inverted)
		set_invert(ret_piece);
	ret_piece->set['/' / 8] &= ~(1 << '/' % 8);
	return p + 1;
}

/* Reads one piece at @p; returns what follows, NULL when it is malformed. */
static const uint8_t *parse_piece(const uint8_t *p, struct piece *ret_piece)
{
	switch (*p) {
	case '*':
		ret_piece->kind = p[1] == '*' ? STARSTAR : STAR;
		return p + strspn((const char *)p, "*");
	case '?':
		ret_piece->kind = SET;
		set_add(ret_piece, 1, 255);
		ret_piece->set['/' / 8] &= ~(1 << '/' % 8);
		return p + 1;
	case '[':
		ret_piece->kind = SET;
		return parse_set(p + 1, ret_piece);
	case '\\':
		p++;
		break;
	}
	ret_piece->kind = LITERAL;
	ret_piece->byte = *p;
	return *p ? p + 1 : NULL;
}

int glob_new(const char *pattern, struct glob **ret_glob)
{
	const uint8_t *p = (const uint8_t *)pattern;
	size_t max = strlen(pattern);
	struct glob *g;

	if ((*p != '/' && *p != '*') || max > GLOB_PIECES_MAX * 4)
		return -EINVAL;
	g = calloc(1, sizeof(*g) + max * sizeof(g->pieces[0]));
	if (!g)
		return -ENOMEM;
	while (p && *p)
		p = parse_piece(p, &g->pieces[g->piece_count++]);
	if (!p || g->piece_count > GLOB_PIECES_MAX) {
		free(g);
		return -EINVAL;
	}
	while (g->prefix_len < g->piece_count && g->pieces[g->prefix_len].kind == LITERAL)
		g->prefix_len++;
	*ret_glob = g;
	return 0;
}

void glob_free(struct glob *g)
{
	free(g);
}

/* Can be at @i means can be behind it, too, where piece @i may match nothing. */
static void reach(const struct glob *g, bool *at, size_t i)
{
	at[i] = true;
	while (i < g->piece_count && g->pieces[i].kind >= STAR)
		at[++i] = true;
}

/* One byte of the path: from the pieces reached before it to those reached behind it. */
static bool step(const struct glob *g, const bool *at, bool *next, uint8_t c)
{
	bool any = false;

	memset(next, 0, g->piece_count + 1);
	for (size_t i = g->prefix_len; i < g->piece_count; i++) {
		const struct piece *p = &g->pieces[i];

		if (!at[i])
			continue;
		if (p->kind == STARSTAR || (p->kind == STAR && c != '/'))
			reach(g, next, i);
		else if ((p->kind == LITERAL && p->byte == c) || (p->kind == SET && set_has(p, c)))
			reach(g, next, i + 1);
		else
			continue;
		any = true;
	}
	return any;
}

bool glob_match(const struct glob *g, const char *path)
{
	bool rows[2][GLOB_PIECES_MAX + 1], *at = rows[0], *next = rows[1];
	const uint8_t *p = (const uint8_t *)path;

	for (size_t i = 0; i < g->prefix_len; i++, p++)
		if (*p != g->pieces[i].byte)
			return false;
	memset(at, 0, g->piece_count + 1);
	reach(g, at, g->prefix_len);
	for (; *p; p++) {
		bool *swap = at;

		if (!step(g, at, next, *p))
			return false;
		at = next;
		next = swap;
	}
	return at[g->piece_count];
}
