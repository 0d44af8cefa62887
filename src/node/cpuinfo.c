/*
 * /proc/cpuinfo; see cpuinfo.h.
 *
 * Each architecture has its own words for the same thing, which a table maps. Arm's processors give
 * numbers (Arm ARM D24.2.122, MIDR_EL1) and leave names to whoever reads them.
 */
#include "node/cpuinfo.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "node/finding.h"

enum field { FIELD_VENDOR, FIELD_MODEL, FIELD_PROCESSOR, FIELD_FLAGS, FIELD_MAKER, FIELD_PART };

static const struct key {
	const char *name;
	enum field field;
} keys[] = {
	{"vendor_id", FIELD_VENDOR}, {"mvendorid", FIELD_VENDOR},
	{"model name", FIELD_MODEL}, {"Model Name", FIELD_MODEL},
	{"cpu model", FIELD_MODEL},  {"cpu", FIELD_MODEL},
	{"uarch", FIELD_MODEL},	     {"processor", FIELD_PROCESSOR},
	{"flags", FIELD_FLAGS},	     {"CPU implementer", FIELD_MAKER},
	{"CPU part", FIELD_PART},
};

static const struct maker {
	unsigned number;
	const char *name;
} makers[] = {
	{0x41, "ARM"},	     {0x42, "Broadcom"}, {0x43, "Cavium"},    {0x46, "Fujitsu"},
	{0x48, "HiSilicon"}, {0x4e, "NVIDIA"},	 {0x50, "APM"},	      {0x51, "Qualcomm"},
	{0x53, "Samsung"},   {0x61, "Apple"},	 {0x6d, "Microsoft"}, {0x70, "Phytium"},
	{0xc0, "Ampere"},
};

static const struct part {
	unsigned maker, number;
	const char *name;
} parts[] = {
	{0x41, 0xd03, "Cortex-A53"},  {0x41, 0xd04, "Cortex-A35"}, {0x41, 0xd05, "Cortex-A55"},
	{0x41, 0xd07, "Cortex-A57"},  {0x41, 0xd08, "Cortex-A72"}, {0x41, 0xd09, "Cortex-A73"},
	{0x41, 0xd0a, "Cortex-A75"},  {0x41, 0xd0b, "Cortex-A76"}, {0x41, 0xd0c, "Neoverse-N1"},
	{0x41, 0xd40, "Neoverse-V1"}, {0x41, 0xd41, "Cortex-A78"}, {0x41, 0xd49, "Neoverse-N2"},
	{0x41, 0xd4f, "Neoverse-V2"}, {0x43, 0x0af, "ThunderX2"},  {0x46, 0x001, "A64FX"},
	{0x48, 0xd01, "Kunpeng-920"}, {0xc0, 0xac3, "Ampere-1"},
};

/* What is known of Arm's numbers while the first entry is read. */
struct arm {
	unsigned maker, part;
	bool has_maker, has_part;
};

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (str_equal(keys[i].name, name))
			return &keys[i];
	return NULL;
}

static int set_name(char buf[CPUINFO_NAME_MAX], const char *value)
{
	_cleanup_free_ char *text = NULL;
	int r;

	if (*buf || !*value)
		return 0;
	r = str_escape(value, strlen(value), &text);
	if (r == 0)
		finding_copy(buf, CPUINFO_NAME_MAX, text);
	return r;
}

/* A number like 0x41, of at most four digits. */
static bool set_number(unsigned *number, const char *value)
{
	char *end;
	unsigned long v = strtoul(value, &end, 16);

	if (!str_starts(value, "0x") || *end || v > UINT16_MAX)
		return false;
	*number = v;
	return true;
}

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = strstr(words, word); p; p = strstr(p + 1, word))
		if ((p == words || p[-1] == ' ') && (p[len] == ' ' || !p[len]))
			return true;
	return false;
}

static int take(struct cpuinfo *info, struct arm *arm, enum field field, const char *value)
{
	switch (field) {
	case FIELD_VENDOR:
		return set_name(info->vendor, value);
	case FIELD_MODEL:
		return set_name(info->model, value);
	case FIELD_PROCESSOR:
		info->processors++;
		return 0;
	case FIELD_FLAGS:
		info->hypervisor |= has_word(value, "hypervisor");
		return 0;
	case FIELD_MAKER:
		arm->has_maker = arm->has_maker || set_number(&arm->maker, value);
		return 0;
	case FIELD_PART:
		arm->has_part = arm->has_part || set_number(&arm->part, value);
		return 0;
	}
	return 0;
}

/* Names for Arm's numbers; numbers where there is no name. */
static void name_arm(struct cpuinfo *info, const struct arm *arm)
{
	if (arm->has_maker && !*info->vendor)
		snprintf(info->vendor, sizeof(info->vendor), "implementer 0x%02x", arm->maker);
	for (size_t i = 0; arm->has_maker && i < ARRAY_SIZE(makers); i++)
		if (makers[i].number == arm->maker)
			finding_copy(info->vendor, sizeof(info->vendor), makers[i].name);
	if (arm->has_part && !*info->model)
		snprintf(info->model, sizeof(info->model), "part 0x%03x", arm->part);
	for (size_t i = 0; arm->has_part && i < ARRAY_SIZE(parts); i++)
		if (parts[i].maker == arm->maker && parts[i].number == arm->part)
			finding_copy(info->model, sizeof(info->model), parts[i].name);
}

int cpuinfo_parse(const char *text, struct cpuinfo *ret_info)
{
	_cleanup_free_ char *copy = strdup(text);
	struct cpuinfo info = {};
	struct arm arm = {};
	char *line, *rest = copy;

	if (!copy)
		return -ENOMEM;
	while ((line = strsep(&rest, "\n"))) {
		char *value = strchr(line, ':');
		const struct key *key;
		int r;

		if (!value)
			continue;
		*value++ = '\0';
		key = find_key(str_strip(line));
		r = key ? take(&info, &arm, key->field, str_strip(value)) : 0;
		if (r < 0)
			return r;
	}
	name_arm(&info, &arm);
	*ret_info = info;
	return 0;
}
