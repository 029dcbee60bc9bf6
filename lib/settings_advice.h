/* What a configuration may say, and had better not.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SETTINGS_ADVICE_H
#define HA_SETTINGS_ADVICE_H

struct settings;

/* Tell each thing that is allowed and most likely not meant, or dangerous, with the line of the
 * file at which what it is about ends. The sentence is valid during the call. */
void settings_advise(const struct settings *settings,
		     void (*tell)(const struct settings *settings, int line, const char *sentence));

#endif
