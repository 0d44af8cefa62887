/*
 * The table of items and the instances of their domains; see ../machine.h.
 */
#include "pwrapis/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/machine/cgroup.h"
#include "pwrapis/machine/ipmi.h"
#include "pwrapis/machine/source.h"

/* Numbers of items follow this order, and the order of rows in each. */
static const struct backend *const backends[] = {
	&backend_cpufreq,  &backend_governor, &backend_cpu,  &backend_idle,  &backend_powercap,
	&backend_hwmon,	   &backend_thermal,  &backend_disk, &backend_net,   &backend_usb,
	&backend_platform, &backend_sleep,    &backend_ipmi, &backend_level, &backend_resctrl,
	&backend_cgroup,   &backend_hbm,
};

size_t power_item_count(void)
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(backends); i++)
		count += backends[i]->count;
	return count;
}

const struct power_item *power_item(unsigned number)
{
	for (size_t i = 0; i < ARRAY_SIZE(backends); i++) {
		if (number < backends[i]->count)
			return &backends[i]->items[number];
		number -= backends[i]->count;
	}
	return NULL;
}

int power_item_find(const char *name, unsigned *ret_number)
{
	const struct power_item *item;

	for (unsigned i = 0; (item = power_item(i)); i++)
		if (str_equal(item->name, name)) {
			*ret_number = i;
			return 0;
		}
	return -ENOENT;
}

static bool name_taken(const struct instances *all, const char *name)
{
	for (unsigned i = 0; i < all->count; i++)
		if (str_equal(all->list[i].name, name))
			return true;
	return false;
}

/* A name that no other has; false when there is none that fits. */
static bool make_name(const struct instances *all, const char *name, const char *path,
		      char ret_name[POWER_NAME_BYTES])
{
	const char *last = strrchr(path, '/');
	int n = snprintf(ret_name, POWER_NAME_BYTES, "%s", name);

	if (n <= 0 || n >= POWER_NAME_BYTES)
		return false;
	if (!name_taken(all, ret_name))
		return true;
	n = snprintf(ret_name, POWER_NAME_BYTES, "%s@%s", name, last ? last + 1 : path);
	return n < POWER_NAME_BYTES && !name_taken(all, ret_name);
}

static int grow(struct instances *all)
{
	unsigned room = all->room ? 2 * all->room : 8;
	struct instance *list;

	if (all->count < all->room)
		return 0;
	list = reallocarray(all->list, room, sizeof(*list));
	if (!list)
		return -ENOMEM;
	all->list = list;
	all->room = room;
	return 0;
}

int machine_add(struct machine *m, enum power_domain domain, const char *name, const char *path,
		struct instance **ret_instance)
{
	unsigned max = domain == POWER_CPU || domain == POWER_POLICY ? MACHINE_CPUS_MAX
								     : MACHINE_INSTANCES_MAX;
	struct instances *all = &m->domain[domain];
	struct instance *instance;

	*ret_instance = NULL;
	if (all->count == max || strlen(path) >= INSTANCE_PATH_BYTES)
		return 0;
	if (grow(all) < 0)
		return -ENOMEM;
	instance = &all->list[all->count];
	if (!make_name(all, name, path, instance->name))
		return 0;
	strcpy(instance->path, path);
	for (size_t i = 0; i < INSTANCE_NUMBERS; i++)
		instance->number[i] = -1;
	all->count++;
	*ret_instance = instance;
	return 0;
}

static void drop_instances(struct machine *m)
{
	for (size_t i = 0; i < POWER_DOMAINS; i++)
		free(m->domain[i].list);
}

static int look(struct machine *m)
{
	struct instance *board;
	int r = machine_add(m, POWER_BOARD, "board", "", &board);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(backends); i++)
		if (backends[i]->look)
			r = backends[i]->look(m);
	return r;
}

int machine_refresh(struct machine *m)
{
	struct machine fresh = {.root_fd = m->root_fd, .ethtool_fd = -1, .units = m->units};
	int r = look(&fresh);

	if (r < 0) {
		drop_instances(&fresh);
		return r;
	}
	drop_instances(m);
	memcpy(m->domain, fresh.domain, sizeof(m->domain));
	return 0;
}

int machine_new(int root_fd, struct machine **ret_machine)
{
	_cleanup_(machine_free_p) struct machine *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	m->root_fd = root_fd;
	m->ethtool_fd = -1;
	r = machine_refresh(m);
	if (r < 0)
		return r;
	*ret_machine = take_ptr(m);
	return 0;
}

void machine_free(struct machine *m)
{
	if (!m)
		return;
	drop_instances(m);
	ipmi_free(m->ipmi);
	cleanup_close_p(&m->ethtool_fd);
	free(m->rates);
	free(m);
}

void machine_free_p(struct machine **m)
{
	machine_free(*m);
}

int machine_root(const struct machine *m)
{
	return m->root_fd;
}

void machine_be_patient(struct machine *m)
{
	m->patient = true;
}

unsigned machine_count(const struct machine *m, enum power_domain domain)
{
	return domain < POWER_DOMAINS ? m->domain[domain].count : 0;
}

const struct instance *machine_instance(const struct machine *m, enum power_domain domain,
					unsigned index)
{
	return index < machine_count(m, domain) ? &m->domain[domain].list[index] : NULL;
}

const char *machine_name(const struct machine *m, enum power_domain domain, unsigned index)
{
	const struct instance *instance = machine_instance(m, domain, index);

	return instance ? instance->name : NULL;
}

int machine_index(const struct machine *m, enum power_domain domain, const char *name,
		  unsigned *ret_index)
{
	for (unsigned i = 0; i < machine_count(m, domain); i++)
		if (str_equal(m->domain[domain].list[i].name, name)) {
			*ret_index = i;
			return 0;
		}
	return -ENOENT;
}

int machine_recall(struct machine *m, enum power_domain domain, const char *name,
		   unsigned *ret_index)
{
	int r = machine_index(m, domain, name, ret_index);

	if (r == 0 || domain != POWER_CGROUP)
		return r;
	r = cgroup_add(m, name);
	return r < 0 ? r : machine_index(m, domain, name, ret_index);
}

/* The row of @number where there is an @index for it. */
static const struct power_item *find(const struct machine *m, unsigned number, unsigned index)
{
	const struct power_item *item = power_item(number);

	return item && index < machine_count(m, item->domain) ? item : NULL;
}

int machine_read(struct machine *m, unsigned number, unsigned index, struct power_value *ret_value)
{
	const struct power_item *item = find(m, number, index);
	struct power_value value = {};
	int r;

	if (!item)
		return -EINVAL;
	r = item->read ? item->read(m, item, index, &value) : -EOPNOTSUPP;
	if (r == 0)
		*ret_value = value;
	return r;
}

int machine_open(struct machine *m, unsigned number, unsigned index, int *ret_fd)
{
	const struct power_item *item = find(m, number, index);

	return item ? source_open(m, item, index, ret_fd) : -EINVAL;
}

int machine_read_open(unsigned number, int fd, struct power_value *ret_value)
{
	const struct power_item *item = power_item(number);

	return item ? source_read_open(item, fd, ret_value) : -EINVAL;
}

int machine_state(struct machine *m, unsigned number, unsigned index, struct power_value *ret_value)
{
	const struct power_item *item = find(m, number, index);
	struct power_value value = {};
	int r;

	if (!item || !item->state)
		return machine_read(m, number, index, ret_value);
	r = item->state(m, item, index, &value);
	if (r == 0)
		*ret_value = value;
	return r;
}

/* Whether a value can be looked at: its text ends, and is no text of many lines. */
static bool is_whole(const struct power_value *value)
{
	size_t len = strnlen(value->text, POWER_TEXT_BYTES);

	for (size_t i = 0; i < len; i++)
		if (value->text[i] < ' ' || value->text[i] > '~')
			return false;
	return len < POWER_TEXT_BYTES;
}

int machine_check(struct machine *m, unsigned number, unsigned index,
		  const struct power_value *value)
{
	const struct power_item *item = find(m, number, index);

	if (!item || !is_whole(value))
		return -EINVAL;
	return item->check ? item->check(m, item, index, value) : -EOPNOTSUPP;
}

int machine_write(struct machine *m, unsigned number, unsigned index,
		  const struct power_value *value)
{
	const struct power_item *item = find(m, number, index);

	if (!item || !is_whole(value))
		return -EINVAL;
	return item->write ? item->write(m, item, index, value) : -EOPNOTSUPP;
}

int machine_hold(struct machine *m, unsigned number, unsigned index,
		 const struct power_value *value, int *ret_fd)
{
	const struct power_item *item = find(m, number, index);

	if (!item || !is_whole(value))
		return -EINVAL;
	return item->hold ? item->hold(m, item, index, value, ret_fd) : -EOPNOTSUPP;
}
