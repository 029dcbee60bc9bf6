/* What is known of VRRP on this node: all instances, their addresses, all routers that are heard.
 *
 * It asks nobody: whoever asks shows it what there is, and it reports the rows that have changed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_MODEL_H
#define HA_VRRP_MODEL_H

#include <stddef.h>
#include <stdint.h>

struct settings_vrrp;
struct vrrp_model;
struct vrrp_view;

/* Instances that the settings name are there from the start, as missing. The settings outlive it.
 */
struct vrrp_model *vrrp_model_new(const struct settings_vrrp *settings);
void vrrp_model_free(struct vrrp_model *model);

/* It is like this now. */
void vrrp_model_look(struct vrrp_model *model, struct vrrp_view *view);

/* When to look again although nothing has changed (clock_now()), 0: never. */
int64_t vrrp_model_due(const struct vrrp_model *model);

/* Report rows that wait for their turn; when to call again (clock_now()), 0: none wait. */
int64_t vrrp_model_turn(struct vrrp_model *model, int64_t now);

/* The interfaces on which the instances speak, as indexes, ascending; valid until the next look. */
const uint32_t *vrrp_model_interfaces(const struct vrrp_model *model, size_t *count);

/* Instances that there are or should be. */
size_t vrrp_model_count(const struct vrrp_model *model);

/* Report every row as it is. */
void vrrp_model_report(const struct vrrp_model *model);

#endif
