/* The kernel's numbers of states and settings as the MIB's.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What was not told (BOND_UNTOLD) is unknown, what is new to this version is other.
 */
#ifndef HA_BOND_WORDS_H
#define HA_BOND_WORDS_H

#include <stdint.h>

int32_t bond_word_answer(uint32_t yes);

/* BOND_MODE_*, BOND_LINK_* and BOND_STATE_* of linux/if_bonding.h. */
int32_t bond_word_mode(uint32_t mode);
int32_t bond_word_link(uint32_t mii_status);
int32_t bond_word_use(uint32_t state);

/* IF_OPER_* of linux/if.h, DUPLEX_* of linux/ethtool.h. */
int32_t bond_word_oper(uint32_t oper);
int32_t bond_word_duplex(uint32_t duplex);

/* The numbers that sysfs shows beside the words, in primary_reselect, lacp_rate and ad_select. */
int32_t bond_word_reselect(uint32_t reselect);
int32_t bond_word_rate(uint32_t rate);
int32_t bond_word_select(uint32_t select);

#endif
