/*
 * The driver of a network interface; see ethtool.h.
 */
#include "pwrapis/machine/ethtool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/magic.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/vfs.h>

#include "base/def.h"
#include "base/fs.h"

#define NET_DIR "/sys/class/net"

enum { WORD_BITS = 32 };

_Static_assert(ETHTOOL_WORDS * 8 + 2 < POWER_TEXT_BYTES, "every mask fits a value");

/* ---- the kernel ---- */

/* In a folder that plays a machine, names are not those of this kernel's interfaces. */
static int open_socket(struct machine *m)
{
	_cleanup_close_ int fd = -1;
	struct statfs st;
	int r = fs_open(m->root_fd, NET_DIR, O_PATH | O_DIRECTORY, 0, &fd);

	if (r < 0 || fstatfs(fd, &st) < 0 || st.f_type != SYSFS_MAGIC)
		return -EOPNOTSUPP;
	m->ethtool_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return m->ethtool_fd < 0 ? -errno : 0;
}

int ethtool_ask(struct machine *m, const char *name, void *command)
{
	struct ifreq request = {.ifr_data = command};
	int r = 0;

	if (strlen(name) >= sizeof(request.ifr_name))
		return -EOPNOTSUPP;
	if (m->ethtool_fake)
		return m->ethtool_fake(name, command);
	if (m->ethtool_fd < 0)
		r = open_socket(m);
	if (r < 0)
		return r;
	strcpy(request.ifr_name, name);
	return ioctl(m->ethtool_fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

/* ---- the link ---- */

enum { HEAD_WORDS = sizeof(struct ethtool_link_settings) / sizeof(uint32_t) };

_Static_assert(sizeof(struct ethtool_link_settings) % sizeof(uint32_t) == 0,
	       "masks follow at once");

/* Three masks stand behind it: supported, offered, and what the other end offers. */
union settings {
	struct ethtool_link_settings head;
	uint32_t words[HEAD_WORDS + 3 * ETHTOOL_WORDS];
};

/* Asked for masks of no words, the kernel says how many it has, below zero. */
static int get_settings(struct machine *m, const char *name, union settings *ret_settings)
{
	union settings s = {.words = {}};
	int words, r;

	s.head.cmd = ETHTOOL_GLINKSETTINGS;
	r = ethtool_ask(m, name, &s);
	if (r < 0)
		return r;
	words = -s.head.link_mode_masks_nwords;
	if (words < 1 || words > ETHTOOL_WORDS)
		return -EOPNOTSUPP;
	s = (union settings){.words = {}};
	s.head.cmd = ETHTOOL_GLINKSETTINGS;
	s.head.link_mode_masks_nwords = words;
	r = ethtool_ask(m, name, &s);
	if (r == 0 && s.head.link_mode_masks_nwords != words)
		r = -EBADMSG;
	if (r == 0)
		*ret_settings = s;
	return r;
}

int ethtool_get_link(struct machine *m, const char *name, struct ethtool_link *ret_link)
{
	struct ethtool_link link = {};
	union settings s;
	int r = get_settings(m, name, &s);

	if (r < 0)
		return r;
	link.automatic = s.head.autoneg == AUTONEG_ENABLE;
	link.words = s.head.link_mode_masks_nwords;
	memcpy(link.supported.words, s.words + HEAD_WORDS, link.words * sizeof(uint32_t));
	memcpy(link.offered.words, s.words + HEAD_WORDS + link.words,
	       link.words * sizeof(uint32_t));
	*ret_link = link;
	return 0;
}

int ethtool_offer(struct machine *m, const char *name, const struct ethtool_modes *modes)
{
	union settings s;
	int r = get_settings(m, name, &s);

	if (r < 0)
		return r;
	s.head.cmd = ETHTOOL_SLINKSETTINGS;
	memcpy(s.words + HEAD_WORDS + s.head.link_mode_masks_nwords, modes->words,
	       s.head.link_mode_masks_nwords * sizeof(uint32_t));
	return ethtool_ask(m, name, &s);
}

/* ---- sleep between frames (EEE) ---- */

int ethtool_get_sleep(struct machine *m, const char *name, struct ethtool_sleep *ret_sleep)
{
	struct ethtool_eee eee = {.cmd = ETHTOOL_GEEE};
	int r = ethtool_ask(m, name, &eee);

	/* One without a mode in which it could sleep has nothing to enable. */
	if (r == 0 && !eee.supported)
		r = -EOPNOTSUPP;
	if (r == 0)
		*ret_sleep = (struct ethtool_sleep){.enabled = eee.eee_enabled,
						    .active = eee.eee_active};
	return r;
}

int ethtool_let_sleep(struct machine *m, const char *name, bool enabled)
{
	struct ethtool_eee eee = {.cmd = ETHTOOL_GEEE};
	int r = ethtool_ask(m, name, &eee);

	if (r < 0)
		return r;
	eee.cmd = ETHTOOL_SEEE;
	eee.eee_enabled = enabled;
	return ethtool_ask(m, name, &eee);
}

/* ---- modes ---- */

/* Runs of modes of one speed, by their numbers in the kernel's interface, which stay. */
static const struct run {
	uint8_t first, last;
	uint32_t mbit;
} runs[] = {
	{0, 1, 10},	  {2, 3, 100},	    {4, 5, 1000},     {12, 12, 10000},	{15, 15, 2500},
	{17, 17, 1000},	  {18, 20, 10000},  {21, 22, 20000},  {23, 26, 40000},	{27, 30, 56000},
	{31, 33, 25000},  {34, 35, 50000},  {36, 39, 100000}, {40, 40, 50000},	{41, 41, 1000},
	{42, 46, 10000},  {47, 47, 2500},   {48, 48, 5000},   {52, 56, 50000},	{57, 61, 100000},
	{62, 66, 200000}, {67, 67, 100},    {68, 68, 1000},   {69, 73, 400000}, {75, 79, 100000},
	{80, 84, 200000}, {85, 89, 400000}, {90, 91, 100},    {92, 92, 10},	{93, 98, 800000},
	{99, 102, 10},
};

_Static_assert(ETHTOOL_LINK_MODE_100baseT1_Full_BIT == 67 &&
		       ETHTOOL_LINK_MODE_400000baseKR4_Full_BIT == 85 &&
		       ETHTOOL_LINK_MODE_10baseT1L_Full_BIT == 92,
	       "numbers of the kernel's interface");

static bool has(const struct ethtool_modes *modes, unsigned bit)
{
	return modes->words[bit / WORD_BITS] >> bit % WORD_BITS & 1;
}

static void put(struct ethtool_modes *modes, unsigned bit, bool on)
{
	uint32_t one = UINT32_C(1) << bit % WORD_BITS, *word = &modes->words[bit / WORD_BITS];

	*word = on ? *word | one : *word & ~one;
}

uint32_t ethtool_speed(const struct ethtool_modes *modes)
{
	uint32_t most = 0;

	for (size_t i = 0; i < ARRAY_SIZE(runs); i++)
		for (unsigned bit = runs[i].first; bit <= runs[i].last; bit++)
			if (has(modes, bit) && runs[i].mbit > most)
				most = runs[i].mbit;
	return most;
}

int ethtool_limit(const struct ethtool_link *link, uint32_t mbit, struct ethtool_modes *ret_modes)
{
	struct ethtool_modes modes = link->offered;

	for (size_t i = 0; i < ARRAY_SIZE(runs); i++)
		for (unsigned bit = runs[i].first; bit <= runs[i].last; bit++)
			put(&modes, bit, runs[i].mbit <= mbit && has(&link->supported, bit));
	if (!ethtool_speed(&modes))
		return -ERANGE;
	*ret_modes = modes;
	return 0;
}

/* ---- text ---- */

void ethtool_print(const struct ethtool_modes *modes, char text[POWER_TEXT_BYTES])
{
	int top = ETHTOOL_WORDS - 1, at;

	while (top > 0 && !modes->words[top])
		top--;
	at = snprintf(text, POWER_TEXT_BYTES, "0x%x", modes->words[top]);
	for (int i = top - 1; i >= 0; i--)
		at += snprintf(text + at, POWER_TEXT_BYTES - at, "%08x", modes->words[i]);
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int ethtool_parse(const char *text, const struct ethtool_modes *supported,
		  struct ethtool_modes *ret_modes)
{
	struct ethtool_modes modes = {};
	size_t len = strlen(text);

	if (len < 3 || len > 2 + ETHTOOL_WORDS * 8 || text[0] != '0' || text[1] != 'x')
		return -EINVAL;
	for (size_t i = 0; i < len - 2; i++) {
		int digit = digit_of(text[len - 1 - i]);

		if (digit < 0)
			return -EINVAL;
		modes.words[i / 8] |= (uint32_t)digit << i % 8 * 4;
	}
	for (size_t i = 0; i < ETHTOOL_WORDS; i++)
		if (modes.words[i] & ~supported->words[i])
			return -EINVAL;
	*ret_modes = modes;
	return 0;
}
