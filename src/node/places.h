/*
 * Where the daemon and its probe meet. Each folder belongs to the one who writes in it.
 */
#ifndef NODE_PLACES_H
#define NODE_PLACES_H

/* Root's: the result. */
#define NODE_RESULT_DIR "/run/leonhard/node"
#define NODE_RESULT_NAME "probe.json"
#define NODE_RESULT_PATH NODE_RESULT_DIR "/" NODE_RESULT_NAME

/* The daemon's: the request, an empty file. */
#define NODE_REQUEST_DIR "/run/leonhard/node-request"
#define NODE_REQUEST_NAME "again"
#define NODE_REQUEST_PATH NODE_REQUEST_DIR "/" NODE_REQUEST_NAME

#define NODE_BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"

#endif
