/*
 * Fuzzing link modes: the input is two masks and a text. What is offered for a limit is supported
 * and no faster; a text that is taken is printed as a mask that is the same.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "pwrapis/machine/ethtool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_text(const uint8_t *data, size_t size, const struct ethtool_modes *supported)
{
	char text[POWER_TEXT_BYTES] = "", again[POWER_TEXT_BYTES];
	struct ethtool_modes modes, same;

	memcpy(text, data, size < sizeof(text) - 1 ? size : sizeof(text) - 1);
	if (ethtool_parse(text, supported, &modes) < 0)
		return;
	ethtool_print(&modes, again);
	assert(ethtool_parse(again, supported, &same) == 0 &&
	       memcmp(&modes, &same, sizeof(same)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ethtool_link link = {.automatic = true};
	struct ethtool_modes modes;
	uint32_t mbit;

	if (size < 2 * sizeof(modes) + sizeof(mbit))
		return 0;
	memcpy(&link.supported, data, sizeof(modes));
	memcpy(&link.offered, data + sizeof(modes), sizeof(modes));
	memcpy(&mbit, data + 2 * sizeof(modes), sizeof(mbit));
	data += 2 * sizeof(modes) + sizeof(mbit);
	size -= 2 * sizeof(modes) + sizeof(mbit);
	for (size_t i = 0; i < ETHTOOL_WORDS; i++)
		link.offered.words[i] &= link.supported.words[i];
	if (ethtool_limit(&link, mbit, &modes) == 0) {
		assert(ethtool_speed(&modes) && ethtool_speed(&modes) <= mbit);
		for (size_t i = 0; i < ETHTOOL_WORDS; i++)
			assert(!(modes.words[i] & ~link.supported.words[i]));
	}
	try_text(data, size, &link.supported);
	return 0;
}
