/*
 * Fuzzes messages that come by themselves: the first bit says whether it is an event. Callbacks
 * read all that they are told there is.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "libpwrapi/delivery.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static volatile size_t sum;

static void on_event(const PWR_COM_EventInfo *event)
{
	assert(memchr(event->ctime, 0, sizeof(event->ctime)));
	assert(strlen(event->info) <= (size_t)event->infoLen);
}

static void on_data(const PWR_COM_CallbackData *data)
{
	const PWR_CPU_Usage *usage = (const PWR_CPU_Usage *)data->data;

	assert(memchr(data->ctime, 0, sizeof(data->ctime)));
	for (int i = 0; i < data->dataLen; i++)
		sum += data->data[i];
	if (data->dataType != PWR_COM_DATATYPE_CPU_USAGE)
		return;
	for (int i = 0; i < usage->coreNum; i++)
		sum += usage->coreUsage[i].coreNo;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint8_t *data;

	if (len < 1)
		return 0;
	delivery_set_event(on_event);
	delivery_set_data(on_data);
	data = calloc(1, len);
	assert(data);
	memcpy(data, bytes + 1, len - 1);
	delivery_call(bytes[0] & 1, data, len - 1);
	free(data);
	return 0;
}
