/*
 * Sensors of hwmon: the board's meter, as ACPI's (a mean over an interval, with a cap) or as a
 * plain one; and the chip of the fan.
 */
#include <errno.h>
#include <math.h>

#include "base/def.h"
#include "tree.h"

#define DEVICES_DIR "sys/devices/platform"
#define CLASS_DIR "sys/class/hwmon"

enum { UW_PER_W = 1000000, MS_PER_S = 1000, PWM_MAX = 255 };

static void show_watts(struct strbuf *out, double watts)
{
	strbuf_addf(out, "%.0f\n", watts * UW_PER_W);
}

/* ---- the meter ---- */

static void show_meter_name(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "power_meter\n");
}

static void show_label(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "simulated plant\n");
}

static void show_power(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	show_watts(out, p->model.meter.shown_w);
}

/* What the sensor may be off by; twice the gain error of any seed, so that it tells nothing. */
static void show_accuracy(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "98.5%%\n");
}

static void show_interval(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%.0f\n", p->model.meter.interval_s * MS_PER_S);
}

static int store_interval(struct plant *p, unsigned i, unsigned j, const char *text)
{
	long long ms;
	int r = store_number(text, 100, 10000, &ms);

	if (r == 0)
		p->model.meter.interval_s = (double)ms / MS_PER_S;
	return r;
}

static void show_cap(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	show_watts(out, p->model.cap.limit_w);
}

static int store_cap(struct plant *p, unsigned i, unsigned j, const char *text)
{
	long long uw;
	int r = store_number(text, p->model.cap_min_w * UW_PER_W, p->model.cap_max_w * UW_PER_W,
			     &uw);

	/* The firmware takes milliwatts. */
	if (r == 0)
		p->model.cap.limit_w = (double)(uw / 1000) / 1000;
	return r;
}

static void show_cap_min(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	show_watts(out, p->model.cap_min_w);
}

static void show_cap_max(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	show_watts(out, p->model.cap_max_w);
}

static const struct attribute cap_meter_files[] = {
	{"name", 0444, show_meter_name, NULL, NULL},
	{"power1_oem_info", 0444, show_label, NULL, NULL},
	{"power1_average", 0444, show_power, NULL, NULL},
	{"power1_average_interval", 0644, show_interval, store_interval, NULL},
	{"power1_accuracy", 0444, show_accuracy, NULL, NULL},
	{"power1_cap", 0644, show_cap, store_cap, NULL},
	{"power1_cap_min", 0444, show_cap_min, NULL, NULL},
	{"power1_cap_max", 0444, show_cap_max, NULL, NULL},
};

static void show_plain_name(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "plant_meter\n");
}

static const struct attribute plain_meter_files[] = {
	{"name", 0444, show_plain_name, NULL, NULL},
	{"power1_label", 0444, show_label, NULL, NULL},
	{"power1_input", 0444, show_power, NULL, NULL},
};

/* ---- the fan ---- */

static void show_fan_name(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "plant_fan\n");
}

static void show_rpm(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%.0f\n", round(p->model.fan_speed * p->model.params.fan_rpm));
}

static void show_pwm(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%.0f\n", round(p->model.fan_level * PWM_MAX));
}

static int store_pwm(struct plant *p, unsigned i, unsigned j, const char *text)
{
	long long level;
	int r = store_number(text, 0, PWM_MAX, &level);

	if (r < 0)
		return r;
	if (p->model.fan_mode != FAN_MANUAL)
		return -EBUSY;
	p->model.fan_level = (double)level / PWM_MAX;
	return 0;
}

static void show_mode(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%d\n", p->model.fan_mode);
}

static int store_mode(struct plant *p, unsigned i, unsigned j, const char *text)
{
	long long mode;
	int r = store_number(text, FAN_FULL, FAN_AUTOMATIC, &mode);

	if (r == 0)
		p->model.fan_mode = mode;
	return r;
}

static const struct attribute fan_files[] = {
	{"name", 0444, show_fan_name, NULL, NULL},
	{"fan1_input", 0444, show_rpm, NULL, NULL},
	{"pwm1", 0644, show_pwm, store_pwm, NULL},
	{"pwm1_enable", 0644, show_mode, store_mode, NULL},
};

static void make_chip(struct maker *m, unsigned *number, const char *device,
		      const struct attribute *files, size_t count)
{
	char link[TREE_PATH_BYTES], target[TREE_PATH_BYTES];

	snprintf(link, sizeof(link), CLASS_DIR "/hwmon%u", *number);
	snprintf(target, sizeof(target), "../../devices/platform/%s/hwmon/hwmon%u", device,
		 *number);
	make_link(m, link, target);
	make_files(m, make_folderf(m, DEVICES_DIR "/%s/hwmon/hwmon%u", device, *number), files,
		   count, 0, 0);
	++*number;
}

void make_hwmon(struct maker *m)
{
	enum meter_kind meters = m->tree->plant->meters;
	unsigned number = 0;

	if (meters == METERS_CAP || meters == METERS_BOTH)
		make_chip(m, &number, "plant-cap", cap_meter_files, ARRAY_SIZE(cap_meter_files));
	if (meters == METERS_PLAIN || meters == METERS_BOTH)
		make_chip(m, &number, "plant-meter", plain_meter_files,
			  ARRAY_SIZE(plain_meter_files));
	make_chip(m, &number, "plant-fan", fan_files, ARRAY_SIZE(fan_files));
}
