/* Looks things up in the objects generated from HA-AGENTX-MIB.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "mib/mib.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "mib/ha-agentx-mib.h"

size_t mib_oid(unsigned int id, uint32_t *oid)
{
	size_t length;

	assert(id < mib_count);
	if (id == 0) {
		memcpy(oid, mib_root, mib_root_length * sizeof(*oid));
		return mib_root_length;
	}
	length = mib_oid(mib_objects[id].parent, oid);
	assert(length < MIB_OID_MAX);
	oid[length] = mib_objects[id].arc;
	return length + 1;
}

const char *mib_label_of(const struct mib_label *labels, int32_t value)
{
	for (; labels && labels->label; labels++)
		if (labels->value == value)
			return labels->label;
	return NULL;
}

int32_t mib_value_of(const struct mib_label *labels, const char *word, size_t length,
		     int32_t otherwise)
{
	for (; labels->label; labels++)
		if (strlen(labels->label) == length && !strncasecmp(labels->label, word, length))
			return labels->value;
	return otherwise;
}

int mib_find(const char *name)
{
	for (unsigned int id = 0; id < mib_count; id++)
		if (!strcmp(mib_objects[id].name, name))
			return (int)id;
	return -1;
}
