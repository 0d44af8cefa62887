/*
 * Readings of the power service as metrics, in Prometheus' text format 0.0.4
 * (prometheus.io/docs/instrumenting/exposition_formats). One table says which item is which metric.
 *
 * What is not known has no line: never 0, never NaN. A metric that has no line has no head either.
 */
#ifndef EXPORTER_METRICS_H
#define EXPORTER_METRICS_H

#include <jansson.h>
#include <stdint.h>

#include "base/str.h"

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* How the service was asked. */
struct metrics_look {
	bool up; /* it has told what it measures */
	double duration_s;
	uint64_t errors; /* looks, since the start, of which a part or all has failed */
};

/*
 * Adds everything to @out. @replies: an array of "readings" as of io.leonhard.Power.Read; whatever
 * is not of that form is passed over. -ENOMEM.
 */
int metrics_write(const json_t *replies, const struct metrics_look *look, struct strbuf *out);

/* Adds @text as the value of a label, with what would end it escaped. */
int metrics_add_label(struct strbuf *out, const char *text);

#endif
