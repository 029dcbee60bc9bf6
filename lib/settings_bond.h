/* The section `bond' of the configuration: bonds that are expected, and their ports.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SETTINGS_BOND_H
#define HA_SETTINGS_BOND_H

#include <stdbool.h>
#include <stddef.h>

#define SETTINGS_INTERFACE_SIZE 16 /* IFNAMSIZ */
#define SETTINGS_BONDS_MAX 256
#define SETTINGS_PORTS_MAX 64 /* of one bond */

struct settings_expected_bond {
	char name[SETTINGS_INTERFACE_SIZE];
	size_t ports_count; /* 0: whatever it has */
	char (*ports)[SETTINGS_INTERFACE_SIZE];
	bool switchable; /* one of them may be made the active port by a SET */
};

struct settings_bond {
	size_t bonds_count;
	struct settings_expected_bond *bonds; /* in the order of the file */
};

#endif
