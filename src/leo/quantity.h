/*
 * Numbers with units, as people read and type them: "2.4 GHz", "65 W", "50 µs".
 *
 * A unit is that of an item of io.leonhard.Power: "Hz", "W", "J", "K", "s", "1", "1/s", "bit/s",
 * "bool". Kelvins are shown in degrees Celsius, where people think in those.
 */
#ifndef LEO_QUANTITY_H
#define LEO_QUANTITY_H

enum { QUANTITY_TEXT_MAX = 48 };

/* With the prefix that leaves one to three digits before the point, and four digits at most. */
void quantity_format(double number, const char *unit, char out[QUANTITY_TEXT_MAX]);

/*
 * A number, with the unit or without, with a prefix (n u µ m k M G T) before the unit or alone;
 * per cent of "1"; "on", "off", "yes", "no" of "bool". -EINVAL when it is none.
 */
int quantity_parse(const char *text, const char *unit, double *ret_number);

#endif
