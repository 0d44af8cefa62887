/*
 * What the steps of the interface parser share. Private to src/rpc/idl_*.c.
 *
 *	idl_read.c	the text: blanks, comments, words, places, what is said of a problem
 *	idl_parse.c	the grammar: the text to a tree of nodes
 *	idl_resolve.c	names: declared once, known, no type within itself
 *	idl_note.c	access and unit lines, and what strict mode asks for
 *	idl_build.c	the tree to the immutable interface of idl.h
 *
 * Trees live in a scratch arena that ends with the parse; what the interface keeps (its text, its
 * names, its comments) goes to a second one, which it owns. Both hold zeroed memory and are freed
 * as a whole.
 */
#ifndef RPC_IDL_INT_H
#define RPC_IDL_INT_H

#include "rpc/idl.h"

struct idl_chunk;

struct idl_arena {
	struct idl_chunk *chunks;
};

/* Zeroed and aligned for everything; NULL when there is no memory. */
void *idl_arena_alloc(struct idl_arena *a, size_t size);
/* A copy with a NUL behind it. */
char *idl_arena_text(struct idl_arena *a, const char *text, size_t len);
void idl_arena_deinit(struct idl_arena *a);

/* A piece of the text. */
struct idl_span {
	const char *begin, *end;
};

struct idl_decl;
struct idl_label;

/* A field, a name of an enum, or an element of an array or map (which has no name). */
struct idl_node {
	const char *at; /* where it stands in the text: its name, or the type of an element */
	const char *name;
	struct idl_span comment;
	enum idl_kind kind;
	bool maybe;
	struct idl_node *children, *next; /* fields, names, or the one element */
	size_t count; /* of children */
	struct idl_label *labels; /* of children with names, once resolved; sorted */
	const char *type_at, *type_name; /* IDL_NAMED */
	struct idl_decl *target; /* IDL_NAMED, once resolved */
	const char *unit, *unit_at;
};

/* "This type cannot be without that one": @at names it. */
struct idl_edge {
	struct idl_decl *to;
	const char *at;
	struct idl_edge *next;
};

enum idl_walk { IDL_WALK_NEW, IDL_WALK_OPEN, IDL_WALK_DONE };

/* A type, method or error. */
struct idl_decl {
	enum idl_member_kind kind;
	const char *at, *name;
	struct idl_span comment;
	struct idl_node type, reply;
	struct idl_decl *next; /* in the order of the file */
	size_t index;
	enum access_class access;
	bool granted;
	const char *text; /* the comment without notes */
	/* for the search of types within themselves */
	struct idl_edge *edges, **edges_end;
	struct idl_decl *parent;
	enum idl_walk walk;
	bool travels; /* a type that a method or an error needs */
	struct idl_decl *next_travelling;
};

/* A name and where it was declared; sorted to find it, or a second one. */
struct idl_label {
	const char *name, *at;
	struct idl_decl *decl;
	struct idl_node *node;
};

struct idl_source {
	const char *text, *end; /* NUL-terminated, without any NUL within */
	const char *pos, *token; /* equal once blanks and comments are skipped */
	struct idl_span comment; /* directly above pos; begin is NULL when there is none */
	struct idl_arena *keep, scratch;
	const char *name;
	struct idl_span name_comment;
	struct idl_decl *decls, *last;
	size_t decl_count;
	struct idl_label *labels; /* of decls, sorted by name */
	char *problem;
};

/* Sets the problem, "LINE:COLUMN: …", and returns what the caller returns: -EINVAL or -ENOMEM. */
__attribute__((format(printf, 3, 4))) int idl_read_fail(struct idl_source *s, const char *at,
							const char *format, ...);
/* As idl_read_fail() at the next token: "expected @what, found …". */
int idl_read_expected(struct idl_source *s, const char *what);
unsigned idl_read_line(const struct idl_source *s, const char *at);

/* Goes to the next token; the comment lines directly above it are then in s->comment. */
void idl_read_skip(struct idl_source *s);
/* Takes @mark if it comes next, after blanks and comments. */
bool idl_read_mark(struct idl_source *s, const char *mark);
/* The length of the word that comes next; 0 when it is none. */
size_t idl_read_word(struct idl_source *s);
/* The next line of a comment, without its "#", a space behind that, and blanks at its end. */
bool idl_read_comment_line(struct idl_span *rest, struct idl_span *ret_line);

int idl_parse_tree(struct idl_source *s);
int idl_resolve(struct idl_source *s);
struct idl_label *idl_resolve_label(const struct idl_label *labels, size_t count, const char *name);
/* Access and units of all methods, and the text of all members' comments. */
int idl_note(struct idl_source *s, bool strict);
/* The text of a comment; NULL when there is no memory. */
char *idl_note_text(struct idl_source *s, struct idl_span comment);
/* What strict mode asks for beyond idl_note(). */
int idl_strict(struct idl_source *s);
enum idl_note { IDL_NOTE_TEXT, IDL_NOTE_ACCESS, IDL_NOTE_UNIT };
/* Which note a comment line is; @ret_value is what stands behind its colon. */
enum idl_note idl_note_of(struct idl_span line, struct idl_span *ret_value);
int idl_build(struct idl_source *s, struct idl *idl);

#endif
