/*
 * Events and data on their way to the program's callbacks.
 *
 * Callbacks run in a thread of their own, one at a time, so that one that takes long, or that calls
 * the library, delays no reply. At most DELIVERY_COUNT_MAX messages of DELIVERY_BYTES_MAX bytes in
 * all wait; what comes beyond that is dropped. A message that does not have the size it claims is
 * dropped.
 */
#ifndef LIBPWRAPI_DELIVERY_H
#define LIBPWRAPI_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "libpwrapi/powerapi.h"

enum { DELIVERY_COUNT_MAX = 256, DELIVERY_BYTES_MAX = 1 << 20 };

typedef void (*delivery_event_fn)(const PWR_COM_EventInfo *event);
typedef void (*delivery_data_fn)(const PWR_COM_CallbackData *data);

/* Of the whole program; they outlive every registration. */
void delivery_set_event(delivery_event_fn callback);
void delivery_set_data(delivery_data_fn callback);
bool delivery_has_data(void);

struct delivery;

/* NULL without memory. */
struct delivery *delivery_new(void);

/* Takes @data (malloc'd, with a NUL behind it). */
void delivery_push(struct delivery *d, bool is_event, void *data, uint32_t bytes);

/* Waits for the callback that is running, unless it is the one that asks. Takes @d. */
void delivery_stop(struct delivery *d);

/* What the thread does with a message: judges it, and calls. */
void delivery_call(bool is_event, void *data, uint32_t bytes);

/* In a child of fork(): its only thread may be one that was in a callback. */
void delivery_forked(void);

#endif
