/*
 * One sentence about what failed, carried up to the caller that prints it.
 *
 * The functions of this folder return 0 or a negative errno; those that know more than a number
 * can say (which path, which line) take a struct err and describe the failure in it. The text is
 * one line whatever bytes a hostile input put into it: it is escaped (escape.h).
 */
#ifndef IMAGER_ERR_H
#define IMAGER_ERR_H

struct err {
	char text[1024];
};

/* Describes a failure; returns @code, a negative errno, so that a caller can `return err_set(...)`.
 */
__attribute__((format(printf, 3, 4))) int err_set(struct err *err, int code, const char *format,
						  ...);

/* As err_set(), with ": " and the meaning of @code behind the text. */
__attribute__((format(printf, 3, 4))) int err_errno(struct err *err, int code, const char *format,
						    ...);

/* For -ENOMEM, where there is nothing more to say. */
int err_oom(struct err *err);

#endif
