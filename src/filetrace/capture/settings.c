/*
 * The table of settings; see settings.h.
 *
 * What is ignored by default is what programs write for themselves and nobody means as
 * configuration:
 *
 *  - caches and marks: ld.so.cache, .updated of systemd, adjtime, into which the clock is written,
 *    and mtab, on Debian 12 a link into /proc;
 *  - locks: .pwd.lock, and passwd.lock and the like of the tools for accounts;
 *  - temporary files, which are renamed into place or removed: of editors (Vim's swap files, locks
 *    and autosaves of Emacs, of systemd too, backups that end in ~), of dpkg, ucf, and of the
 *    tools for accounts (passwd+, passwd.PID, nshadow);
 *  - the copies passwd-, shadow- and so on that these tools make before a change: it is recorded
 *    with the file itself, and the copy would tell of it twice.
 *
 * Kept is what a person may look for: .dpkg-old, .dpkg-dist, .ucf-old and .ucf-dist are one of two
 * versions between which an upgrade chose; .bak and .orig were made on purpose; resolv.conf and
 * machine-id decide how a machine behaves, whoever writes them.
 *
 * Kept as well are temporary names that could be real ones: sedXXXXXX, Vim's probe 4913,
 * .NAME.XXXXXX. Cron would run /etc/cron.d/4913, and nobody may hide there. When they are gone at
 * the end of the edit, as usual, they leave no record anyway.
 */
#include "filetrace/capture/settings.h"

#include <errno.h>
#include <stddef.h>

#include "base/def.h"
#include "base/time.h"

static const char *const backends[] = {"auto", "lsm", "tracepoint", "fanotify", NULL};

/* The bounds of conf_parse_bytes(), and a power of two. */
static int parse_ring(const struct conf_item *item, const char *text, void *value,
		      const char **ret_problem)
{
	uint64_t bytes;
	int r = conf_parse_bytes(item, text, &bytes, ret_problem);

	if (r < 0)
		return r;
	if (bytes & (bytes - 1)) {
		*ret_problem = "is not a power of two";
		return -EINVAL;
	}
	*(uint64_t *)value = bytes;
	return 0;
}

/* Of a file of accounts: its lock, its temporary files, its copy. */
#define ACCOUNTS(name) "/etc/" name ".lock /etc/" name ".[0-9]* /etc/" name "+ /etc/" name "- "
#define ALL_ACCOUNTS        \
	ACCOUNTS("passwd")  \
	ACCOUNTS("group")   \
	ACCOUNTS("shadow")  \
	ACCOUNTS("gshadow") \
	ACCOUNTS("subuid")  \
	ACCOUNTS("subgid")

static const char ignored[] =
	"/etc/ld.so.cache /etc/ld.so.cache~ /etc/mtab /etc/adjtime /etc/.updated /etc/.pwd.lock "
	"/etc/npasswd /etc/nshadow " ALL_ACCOUNTS "*.sw[a-p] *.swx *.swpx *~ .#* #*# "
	"*.dpkg-new *.dpkg-tmp *.ucf-new";

static const struct conf_item items[] = {
	{
		.section = "watch",
		.key = "paths",
		.parse = conf_parse_words,
		.offset = offsetof(struct settings, watch_paths),
		.max = 64 * 1024,
		.fallback = "/etc",
		.help = "Files and directories under watch, a directory with all below it: "
			"absolute paths that need not exist yet. The wildcards *, ? and [] match "
			"within one name, a dot in front included. What administrators add with "
			"leo trace add comes on top.",
	},
	{
		.section = "watch",
		.key = "ignore",
		.parse = conf_parse_words,
		.offset = offsetof(struct settings, watch_ignore),
		.max = 64 * 1024,
		.fallback = ignored,
		.help = "What is not recorded although it lies below a path under watch: absolute "
			"patterns, or names without a slash, which count anywhere. By default "
			"caches, locks, temporary files of editors and package tools, and the "
			"copies that the tools for accounts make before each change. A path that "
			"is under watch by its own name is recorded all the same. This "
			"list takes the place of the default.",
	},
	{
		.section = "watch",
		.key = "content_max",
		.parse = conf_parse_bytes,
		.offset = offsetof(struct settings, content_max_bytes),
		.min = 4096,
		/* Several times that is in memory at a time, of which MemoryMax= is the bound. */
		.max = UINT64_C(32) << 20,
		.fallback = "16M",
		.help = "The size up to which the content of a file is kept. The edit of a larger "
			"one is recorded without content and difference.",
	},
	{
		.section = "store",
		.key = "content",
		.parse = conf_parse_bytes,
		.offset = offsetof(struct settings, store_content_bytes),
		.min = UINT64_C(1) << 20,
		.max = UINT64_C(1) << 50,
		.fallback = "1G",
		.help = "How much all kept contents may take, compressed. Beyond, the oldest are "
			"dropped; what a file is now stays, and so do the records.",
	},
	{
		.section = "store",
		.key = "records",
		.parse = conf_parse_number,
		.offset = offsetof(struct settings, store_records),
		.min = 1000,
		.max = UINT64_C(1) << 40,
		.fallback = "1000000",
		.help = "How many records are kept. Beyond, the oldest are dropped.",
	},
	{
		.section = "store",
		.key = "age",
		.parse = conf_parse_span,
		.offset = offsetof(struct settings, store_age_ns),
		.max = UINT64_C(100) * 365 * 24 * 3600 * NS_PER_S,
		.fallback = "0s",
		.help = "How long records are kept; 0s is without end. The newest thousand stay "
			"whatever their age is.",
	},
	{
		.section = "store",
		.key = "free",
		.parse = conf_parse_bytes,
		.offset = offsetof(struct settings, store_free_bytes),
		.max = UINT64_C(1) << 50,
		.fallback = "512M",
		.help = "What is left free for others on the disk that the store lies on. With "
			"less, contents are dropped, the oldest first, and then records.",
	},
	{
		.section = "capture",
		.key = "backend",
		.parse = conf_parse_choice,
		.offset = offsetof(struct settings, backend),
		.fallback = "auto",
		.choices = backends,
		.help = "How modifications are seen. auto takes the first of the others that this "
			"kernel can do, in this order; each sees less than the one before. "
			"leo status says which one runs, and what it cannot see.",
	},
	{
		.section = "capture",
		.key = "ring",
		.parse = parse_ring,
		.offset = offsetof(struct settings, ring_bytes),
		.min = UINT64_C(64) << 10,
		.max = UINT64_C(1) << 30,
		.fallback = "4M",
		.help = "The size of the ring in which the kernel hands over events: a power of "
			"two, from 64K to 1G. What does not fit is counted, and found again by "
			"comparing files, but without who did it. A change takes effect with "
			"systemctl stop and start.",
	},
};

const struct conf_table settings_table = {
	.name = "filetrace",
	.items = items,
	.count = ARRAY_SIZE(items),
	.size = sizeof(struct settings),
};
