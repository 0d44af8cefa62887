/*
 * What the tests of leonhard-pwrapis stand on: the program itself in a folder that plays a machine,
 * clients that write and read the wire as they like, as any user, and a stand-in for the privileged
 * half, which notes what it is asked. What fails here fails the test.
 */
#ifndef PWRAPIS_TESTPWRAPIS_H
#define PWRAPIS_TESTPWRAPIS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/testroot.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/wire.h"

enum {
	TEST_OBSERVER = 12345, /* by the rig's access.conf */
	TEST_CONTROLLER = 12346,
	TEST_OTHER_CONTROLLER = 12347,
	TEST_NOBODY = 12348,
	TEST_EAGLE = 12349, /* control, by the name of eagle */
};

/* For cmocka: the program runs between them, with a machine of 4 processors in 2 policies. */
int rig_setup(void **state);
int rig_teardown(void **state);
/* Writes pwrapis.conf; before rig_start(). */
void rig_config(const struct testroot *t, const char *text);
/* The folder alone; then the program, by its id. */
int rig_setup_stopped(void **state);
pid_t rig_start(const struct testroot *t);
/* Ticks of each of the four processors; 25 and 225 in the beginning. */
void rig_processors(const struct testroot *t, unsigned busy, unsigned idle);
/* Milliseconds of a clock that only goes forward. */
uint64_t rig_now_ms(void);

/* ---- the privileged half's stand-in ---- */

enum writer_mood {
	WRITER_WRITES, /* checks and writes to the folder, and remembers nothing */
	WRITER_REFUSES, /* says -EACCES to every setting, see writer_refuse_after() */
	WRITER_SILENT, /* reads and does not answer */
};

/* What comes with the answer to WRITER_OPEN. */
enum writer_gift {
	GIFT_FILE, /* GIFT_PATH of the folder */
	GIFT_NONE,
	GIFT_TWO,
	GIFT_PIPE,
	GIFT_FOLDER,
	GIFT_ALWAYS, /* with every other answer, too */
};
#define GIFT_PATH "gift"

void writer_start(const struct testroot *t);
void writer_stop(void); /* closes what is open */
void writer_set_mood(enum writer_mood mood);
void writer_refuse_after(int count);
void writer_give(enum writer_gift gift);
/* How often it was asked to open something, since its start. */
unsigned writer_opens(void);
/* What it was asked, one line each: "set 1 cpufreq.governor policy0 powersave". Waits for so many
 * lines, and forgets them. */
void writer_expect(const char *lines);

/* ---- clients ---- */

struct client {
	int fd;
	uint32_t sequence;
	uint32_t pid; /* that it says to be */
	bool all_events; /* also that a governor has changed, which is passed over else */
};

void client_open(struct client *c, uid_t uid);
void client_close(struct client *c);
void client_send(struct client *c, const void *bytes, size_t len);
/* Sends a request; its sequence number. */
uint32_t client_request(struct client *c, uint16_t operation, const void *data, uint32_t len);
/* The next message: its head, and its data, NUL behind it, up to @room. */
struct wire_head client_read(struct client *c, void *data, size_t room);
/* A request and its reply: the code; the data of success, their length in @ret_len, may be NULL. */
int client_ask(struct client *c, uint16_t operation, const void *data, uint32_t len, void *reply,
	       size_t room, size_t *ret_len);
int client_code(struct client *c, uint16_t operation, const void *data, uint32_t len);
/* Nothing more comes, and the other side has closed. */
void client_expect_end(struct client *c);
/* Whether nothing comes for so long. */
bool client_is_silent(struct client *c, int for_ms);
/* The next message is that event; its text is borrowed. */
const char *client_expect_event(struct client *c, int type);

/* How many descriptors the program has open. */
unsigned rig_fd_count(void);
/* A file of the folder, without its line end. */
const char *rig_file(const char *path);
/* Waits until it is @text. */
void rig_expect_file(const char *path, const char *text);

#endif
