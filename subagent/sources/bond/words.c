/* The kernel's numbers of states and settings as the MIB's.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/bond/words.h"

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_bonding.h>
#include <stddef.h>

#include "mib/ha-agentx-mib.h"
#include "subagent/sources/bond/link.h"

/* The number's place in `values'. */
static int32_t word_of(uint32_t number, const int32_t *values, size_t count, int32_t unknown,
		       int32_t other)
{
	if (number == BOND_UNTOLD)
		return unknown;
	return number < count ? values[number] : other;
}

#define WORD_OF(type, number, values)                                                              \
	word_of(number, values, sizeof(values) / sizeof(*(values)), type##_unknown, type##_other)

int32_t bond_word_answer(uint32_t yes)
{
	return yes == BOND_UNTOLD ? HaAnswer_unknown : yes ? HaAnswer_yes : HaAnswer_no;
}

int32_t bond_word_mode(uint32_t mode)
{
	static const int32_t modes[] = {
		[BOND_MODE_ROUNDROBIN] = haBondMode_balanceRr,
		[BOND_MODE_ACTIVEBACKUP] = haBondMode_activeBackup,
		[BOND_MODE_XOR] = haBondMode_balanceXor,
		[BOND_MODE_BROADCAST] = haBondMode_broadcast,
		[BOND_MODE_8023AD] = haBondMode_ieee8023ad,
		[BOND_MODE_TLB] = haBondMode_balanceTlb,
		[BOND_MODE_ALB] = haBondMode_balanceAlb,
	};

	return WORD_OF(haBondMode, mode, modes);
}

int32_t bond_word_oper(uint32_t oper)
{
	static const int32_t states[] = {
		[IF_OPER_UNKNOWN] = haBondOperState_unknown,
		[IF_OPER_NOTPRESENT] = haBondOperState_notPresent,
		[IF_OPER_DOWN] = haBondOperState_down,
		[IF_OPER_LOWERLAYERDOWN] = haBondOperState_lowerLayerDown,
		[IF_OPER_TESTING] = haBondOperState_testing,
		[IF_OPER_DORMANT] = haBondOperState_dormant,
		[IF_OPER_UP] = haBondOperState_up,
	};

	return WORD_OF(haBondOperState, oper, states);
}

int32_t bond_word_reselect(uint32_t reselect)
{
	static const int32_t words[] = { haBondPrimaryReselect_always, haBondPrimaryReselect_better,
					 haBondPrimaryReselect_failure };

	return WORD_OF(haBondPrimaryReselect, reselect, words);
}

int32_t bond_word_rate(uint32_t rate)
{
	static const int32_t words[] = { haBondLacpRate_slow, haBondLacpRate_fast };

	return WORD_OF(haBondLacpRate, rate, words);
}

int32_t bond_word_select(uint32_t select)
{
	static const int32_t words[] = { haBondAdSelect_stable, haBondAdSelect_bandwidth,
					 haBondAdSelect_count };

	return WORD_OF(haBondAdSelect, select, words);
}

int32_t bond_word_link(uint32_t mii_status)
{
	static const int32_t words[] = {
		[BOND_LINK_UP] = haBondPortLink_up,
		[BOND_LINK_FAIL] = haBondPortLink_goingDown,
		[BOND_LINK_DOWN] = haBondPortLink_down,
		[BOND_LINK_BACK] = haBondPortLink_goingBack,
	};

	return WORD_OF(haBondPortLink, mii_status, words);
}

int32_t bond_word_duplex(uint32_t duplex)
{
	static const int32_t words[] = {
		[DUPLEX_HALF] = haBondPortDuplex_half, [DUPLEX_FULL] = haBondPortDuplex_full
	};

	return WORD_OF(haBondPortDuplex, duplex == DUPLEX_UNKNOWN ? BOND_UNTOLD : duplex, words);
}

int32_t bond_word_use(uint32_t state)
{
	static const int32_t words[] = { [BOND_STATE_ACTIVE] = haBondPortUse_active,
					 [BOND_STATE_BACKUP] = haBondPortUse_backup };

	return WORD_OF(haBondPortUse, state, words);
}
