/* Prints what the C code knows of HA-AGENTX-MIB, one object a line, for check-mib to compare.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Fields are separated by tabs: name, identifier, kind, access, syntax, range or size, units,
 * list of indexes or notification objects, labels. An empty field is a minus sign.
 */
#include <inttypes.h>
#include <stdio.h>

#include "mib/ha-agentx-mib.h"

static const char *const kind_name[] = {
	[MIB_KIND_NODE] = "node",     [MIB_KIND_TABLE] = "table",
	[MIB_KIND_ENTRY] = "entry",   [MIB_KIND_COLUMN] = "column",
	[MIB_KIND_SCALAR] = "scalar", [MIB_KIND_NOTIFICATION] = "notification"
};

static const char *const access_name[] = { [MIB_NO_ACCESS] = "noaccess",
					   [MIB_NOTIFY] = "notifyonly",
					   [MIB_READ] = "readonly",
					   [MIB_WRITE] = "readwrite" };

static const char *const syntax_name[] = {
	[MIB_NODE] = "-",          [MIB_INTEGER] = "integer",     [MIB_UNSIGNED] = "unsigned",
	[MIB_COUNTER] = "counter", [MIB_COUNTER64] = "counter64", [MIB_TIMESTAMP] = "timestamp",
	[MIB_STRING] = "string",   [MIB_OCTETS] = "octets",       [MIB_BITS] = "bits"
};

static void print_identifier(unsigned int id)
{
	uint32_t oid[MIB_OID_MAX];
	size_t length = mib_oid(id, oid);

	for (size_t i = 0; i < length; i++)
		printf("%s%" PRIu32, i ? "." : "", oid[i]);
}

static void print_list(const struct mib_object *object)
{
	if (!object->list)
		putchar('-');
	for (const uint16_t *id = object->list; id && *id; id++) {
		printf("%s%s%s", id == object->list ? "" : " ",
		       object->implied && !id[1] ? "IMPLIED " : "", mib_objects[*id].name);
	}
}

static void print_labels(const struct mib_label *label)
{
	if (!label)
		putchar('-');
	for (; label && label->label; label++)
		printf("%s(%" PRId32 ")%s", label->label, label->value, label[1].label ? " " : "");
}

static void print_object(unsigned int id)
{
	const struct mib_object *object = &mib_objects[id];

	printf("%s\t", object->name);
	print_identifier(id);
	printf("\t%s\t%s\t%s\t", kind_name[object->kind], access_name[object->access],
	       syntax_name[object->syntax]);
	if (object->min || object->max)
		printf("%" PRId64 "..%" PRId64, object->min, object->max);
	else
		putchar('-');
	printf("\t%s\t", object->units ? object->units : "-");
	print_list(object);
	putchar('\t');
	print_labels(object->labels);
	putchar('\n');
}

int main(void)
{
	for (unsigned int id = 0; id < mib_count; id++)
		print_object(id);
	return 0;
}
