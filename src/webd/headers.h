/*
 * The headers that every response of ours has, whatever it is: what a browser may do with it.
 */
#ifndef WEBD_HEADERS_H
#define WEBD_HEADERS_H

#include <microhttpd.h>

/* -ENOMEM. */
int headers_add(struct MHD_Response *response);

#endif
