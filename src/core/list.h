/*
 * Doubly linked lists whose links lie in the entries themselves.
 *
 * A list is circular through its head; every operation takes constant time and no memory. The
 * head and the link have types of their own, so that one cannot stand for the other. A link of
 * zeroes is in no list: entries start so, and list_remove() leaves them so. Adding a link that is
 * in a list, adding to a list that was not initialized, or removing a link that is in none, stops
 * (core_assert). Who shares a list between threads or with an interrupt locks around it; an entry
 * stays its owner's.
 */
#ifndef CORE_LIST_H
#define CORE_LIST_H

#include "core/def.h"

struct list_link {
	struct list_link *next, *prev;
};

struct list {
	struct list_link head;
};

/* The initial value of the list @name, for definitions. */
#define LIST_EMPTY(name)                           \
	{                                          \
		{                                  \
			&(name).head, &(name).head \
		}                                  \
	}

static inline void list_init(struct list *l)
{
	l->head.next = l->head.prev = &l->head;
}

static inline bool list_is_empty(const struct list *l)
{
	return l->head.next == &l->head;
}

static inline bool list_is_linked(const struct list_link *link)
{
	return link->next;
}

/* Adds @link before @where, a link of the list or its head. */
static inline void list_add_before(struct list_link *where, struct list_link *link)
{
	core_assert(!list_is_linked(link) && list_is_linked(where));
	link->next = where;
	link->prev = where->prev;
	where->prev->next = link;
	where->prev = link;
}

static inline void list_add_first(struct list *l, struct list_link *link)
{
	list_add_before(l->head.next, link);
}

static inline void list_add_last(struct list *l, struct list_link *link)
{
	list_add_before(&l->head, link);
}

static inline void list_remove(struct list_link *link)
{
	core_assert(list_is_linked(link));
	link->next->prev = link->prev;
	link->prev->next = link->next;
	link->next = link->prev = NULL;
}

/* Moves all of @from behind the last of @to, another list; @from is empty then. */
static inline void list_move_all(struct list *to, struct list *from)
{
	core_assert(to != from && list_is_linked(&to->head) && list_is_linked(&from->head));
	if (list_is_empty(from))
		return;
	from->head.next->prev = to->head.prev;
	from->head.prev->next = &to->head;
	to->head.prev->next = from->head.next;
	to->head.prev = from->head.prev;
	list_init(from);
}

/*
 * The entry of @type whose @member is the link that @link points to. Refused by the compiler when
 * @link does not point to a link, or @member is none.
 */
#define list_item(link, type, member)                                                           \
	({                                                                                      \
		struct list_link *list_item_link = (link);                                      \
		_Static_assert(__builtin_types_compatible_p(__typeof__(((type *)NULL)->member), \
							    struct list_link),                  \
			       #member " is no list_link");                                     \
		(type *)(void *)((char *)list_item_link - offsetof(type, member));              \
	})

/* The entry at an end of the list, or NULL when it is empty. */
#define list_first(l, type, member)                                                          \
	({                                                                                   \
		struct list *list_of = (l);                                                  \
		list_is_empty(list_of) ? NULL : list_item(list_of->head.next, type, member); \
	})
#define list_last(l, type, member)                                                           \
	({                                                                                   \
		struct list *list_of = (l);                                                  \
		list_is_empty(list_of) ? NULL : list_item(list_of->head.prev, type, member); \
	})

/*
 * The head of a loop through the list @l, a pointer, from its first entry to its last:
 *
 *	for (list_each(item, &list, link))
 *
 * In the loop @item, a pointer to the entries' type, is the current one. It may be removed there,
 * and freed; other entries of the list may not. After the loop @item has no meaning.
 */
#define list_each(item, l, member) LIST_EACH_AT(item, l, member, __COUNTER__)

/* Each loop has variables of its own name, so that one can stand within another. */
#define LIST_EACH_AT(item, l, member, id) LIST_EACH_ID(item, l, member, id)
#define LIST_EACH_ID(item, l, member, id)                                                    \
	struct list_link *list_head_##id = &(l)->head, *list_at_##id = list_head_##id->next, \
			 *list_next_##id = list_at_##id->next;                               \
	list_at_##id != list_head_##id &&                                                    \
		((item) = list_item(list_at_##id, __typeof__(*(item)), member), true);       \
	list_at_##id = list_next_##id, list_next_##id = list_at_##id->next

#endif
