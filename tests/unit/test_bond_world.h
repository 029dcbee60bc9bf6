/* A model of bonds for its tests: fed with what a kernel said, and with messages made here.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_BOND_WORLD_H
#define HA_BOND_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "subagent/sources/bond/link.h"
#include "subagent/sources/bond/model.h"
#include "subagent/sources/bond/rows.h"

struct nlmsghdr;

#define BONDS_START 1000000
#define BONDS_WALL INT64_C(1700000000000)

/* The model under test, and the time that it is; bonds_pass() moves it. */
extern struct bond_model *bonds;
extern int64_t bonds_now;

/* Set-up and tear-down functions of cmocka: a model that expects nothing. */
int bonds_make(void **state);
int bonds_remove(void **state);

/* A model that expects bond0 with eth0 and eth1, instead. */
void bonds_expect(void);

void bonds_pass(int64_t milliseconds);

/* A file of tests/data/bond, with a NUL behind it; the caller frees it. */
unsigned char *bonds_recorded(const char *name, size_t *length);

/* The link that the recorded message tells of, counted from 0, as the parser reads it. */
struct bond_link bonds_link(const char *name, unsigned int number);

/* Give the model a recorded dump, or one recorded event; ports have 10 Gbit/s, full duplex. */
void bonds_dump(const char *name);
void bonds_event(const char *name, unsigned int number);

/* Give it a link, changed or not. */
void bonds_tell(const struct bond_link *link);

/* /proc/net/bonding/bond0 reads so from now on; NULL: it is not there. */
void bonds_lacp(const char *name);

/* Rows as the hub has them after everything changed has been reported; NULL: none. */
const struct bond_row *bonds_row(const char *name);
const struct bond_port_row *bonds_port(const char *bond, const char *name);

/* Rows that were reported by the last of these calls, those that are gone included. */
unsigned int bonds_reported(void);

#endif
