/* What follows from what the kernel told of a bond and its ports: their rows.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Pure. A row is derived whole each time; what remembers, the times and the count of changes, is
 * the model's.
 */
#ifndef HA_BOND_DERIVE_H
#define HA_BOND_DERIVE_H

#include <stdbool.h>
#include <stddef.h>

struct bond_lacp;
struct bond_link;
struct bond_port_row;
struct bond_row;

/* A port as the model knows it. */
struct bond_port_view {
	const struct bond_link *link; /* NULL: it is not there, or not in the bond */
	const struct bond_lacp *lacp;
	bool flaps;   /* its link has failed repeatedly in the last minutes */
	bool settled; /* its link has not come up just now: LACP has had time to find its partner */
};

/* The row of a port but for its index, whether it is expected, and its problems. `bond' is NULL
 * when the bond is not there. */
void bond_derive_port(struct bond_port_row *row, const struct bond_link *bond,
		      const struct bond_port_view *port);

/* The row of a bond, likewise, from its link (NULL: it is not there) and the rows of its ports. */
void bond_derive(struct bond_row *row, const struct bond_link *bond,
		 struct bond_port_row *const *ports, size_t count);

/* The problems of all ports of a bond, which are seen side by side. `views' stand in the order of
 * the rows. */
void bond_derive_problems(const struct bond_row *bond, struct bond_port_row *const *ports,
			  const struct bond_port_view *views, size_t count);

#endif
