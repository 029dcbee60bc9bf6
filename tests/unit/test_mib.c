/* Tests that code and MIB agree: every table of the program against the objects of the MIB.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "mib/mib.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/memory.h"
#include "lib/table.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/tables.h"
#include "tests/unit/check.h"

/* ---- the MIB by itself ---- */

TEST(every_object_has_its_own_name_and_place)
{
	for (unsigned int id = 0; id < mib_count; id++) {
		const struct mib_object *object = &mib_objects[id];

		assert_int_equal(mib_find(object->name), id);
		assert_true(object->parent < id || id == 0);
		for (unsigned int other = id + 1; other < mib_count; other++)
			if (mib_objects[other].parent == object->parent &&
			    mib_objects[other].arc == object->arc && id != 0)
				fail_msg("%s and %s", object->name, mib_objects[other].name);
	}
	assert_int_equal(mib_find("haNothing"), -1);
}

TEST(identifiers_are_those_of_the_parent_and_the_arc)
{
	uint32_t oid[MIB_OID_MAX], parent[MIB_OID_MAX];

	assert_int_equal(mib_oid(0, oid), mib_root_length);
	assert_memory_equal(oid, mib_root, mib_root_length * sizeof(*oid));
	for (unsigned int id = 1; id < mib_count; id++) {
		size_t length = mib_oid(id, oid);

		assert_int_equal(mib_oid(mib_objects[id].parent, parent), length - 1);
		assert_memory_equal(oid, parent, (length - 1) * sizeof(*oid));
		assert_int_equal(oid[length - 1], mib_objects[id].arc);
	}
}

static bool is_label(const struct mib_label *labels, int64_t value)
{
	return value >= INT32_MIN && value <= INT32_MAX && mib_label_of(labels, (int32_t)value);
}

/* 0 is what a row has that nobody has filled: no state may be called so. */
TEST(enumerations_have_no_zero_and_no_doubles)
{
	for (unsigned int id = 0; id < mib_count; id++) {
		const struct mib_object *object = &mib_objects[id];
		const struct mib_label *label = object->labels;
		bool bits = object->syntax == MIB_BITS,
		     foreign = is_label(label, 0) && !strcmp(mib_label_of(label, 0), "unknown");

		for (; label && label->label; label++) {
			assert_true(bits ? label->value >= 0 && label->value < 32 :
					   label->value || foreign);
			assert_string_equal(mib_label_of(object->labels, label->value),
					    label->label);
			assert_int_equal(mib_value_of(object->labels, label->label,
						      strlen(label->label), -99),
					 label->value);
		}
	}
}

TEST(words_are_found_in_letters_of_either_case_and_as_a_whole)
{
	static const struct {
		const char *word;
		size_t length;
		int32_t value;
	} words[] = {
		{ "UpToDate", 8, HaDrbdDisk_upToDate },
		{ "uptodate", 8, HaDrbdDisk_upToDate },
		{ "UpToDate/Inconsistent", 8, HaDrbdDisk_upToDate },
		{ "UpToDat", 7, HaDrbdDisk_other },
		{ "UpToDates", 9, HaDrbdDisk_other },
		{ "", 0, HaDrbdDisk_other },
	};

	for (size_t i = 0; i < COUNT(words); i++)
		assert_int_equal(mib_value_of(HaDrbdDisk_labels, words[i].word, words[i].length,
					      HaDrbdDisk_other),
				 words[i].value);
	assert_null(mib_label_of(HaDrbdDisk_labels, 0));
	assert_null(mib_label_of(NULL, 1));
}

TEST(every_notification_is_a_kind_of_event)
{
	for (unsigned int id = 0; id < mib_count; id++)
		if (mib_objects[id].kind == MIB_KIND_NOTIFICATION) {
			const char *kind =
				mib_label_of(HaEventType_labels, (int32_t)mib_objects[id].arc);

			if (!kind || strcasecmp(kind, mib_objects[id].name + strlen("ha")) != 0)
				fail_msg("%s is %s", mib_objects[id].name,
					 kind ? kind : "no kind of event");
		}
}

/* ---- the tables ---- */

typedef void column_check(const struct table *table, const struct column *column);

static void each_column(column_check *check)
{
	for (const struct table *const *table = tables_all(); *table; table++)
		for (size_t i = 0; i < (*table)->columns_count; i++)
			check(*table, &(*table)->columns[i]);
}

static bool is_own(const struct table *table, unsigned int object)
{
	return mib_objects[object].parent == table->entry;
}

TEST(every_table_stands_once_for_an_entry_or_a_node)
{
	const struct table *const *tables = tables_all();

	for (size_t i = 0; tables[i]; i++) {
		const struct mib_object *entry = &mib_objects[tables[i]->entry];

		assert_true(entry->kind == MIB_KIND_ENTRY ?
				    entry->list != NULL :
				    entry->kind == MIB_KIND_NODE && entry->list == NULL);
		assert_in_range(tables[i]->size, sizeof(struct row), ROW_SIZE_MAX);
		for (size_t other = 0; other < i; other++)
			assert_int_not_equal(tables[other]->entry, tables[i]->entry);
	}
}

TEST(columns_are_in_the_order_of_their_arcs)
{
	for (const struct table *const *table = tables_all(); *table; table++) {
		uint32_t arc = 0;

		for (size_t i = 0; i < (*table)->columns_count; i++) {
			const struct mib_object *object = &mib_objects[(*table)->columns[i].object];

			if (!is_own(*table, (*table)->columns[i].object)) {
				assert_int_equal(arc, 0); /* indexes of other tables come first */
				continue;
			}
			if (object->arc <= arc)
				fail_msg("%s", object->name);
			arc = object->arc;
			assert_true(arc < 64); /* else it could not be absent */
		}
	}
}

TEST(every_readable_object_of_a_table_is_carried_and_every_index)
{
	for (const struct table *const *table = tables_all(); *table; table++) {
		const uint16_t *index = mib_objects[(*table)->entry].list;

		for (unsigned int id = 0; id < mib_count; id++)
			if (id && is_own(*table, id) && mib_objects[id].access >= MIB_READ &&
			    !table_column(*table, id))
				fail_msg("%s is not carried", mib_objects[id].name);
		for (; index && *index; index++)
			assert_non_null(table_column(*table, *index));
	}
}

static bool storage_fits(const struct mib_object *object, enum storage storage)
{
	bool moment = object->min == 8 && object->max == 11;

	switch ((enum mib_syntax)object->syntax) {
	case MIB_INTEGER:
		return storage == STORE_INT32;
	case MIB_UNSIGNED:
		return storage == STORE_UINT32 || storage == STORE_AGE;
	case MIB_COUNTER:
	case MIB_BITS:
		return storage == STORE_UINT32;
	case MIB_COUNTER64:
		return storage == STORE_UINT64;
	case MIB_TIMESTAMP:
		return storage == STORE_STAMP;
	case MIB_STRING:
		return storage == STORE_TEXT;
	case MIB_OCTETS:
		return storage == (moment ? STORE_MOMENT : STORE_OCTETS);
	case MIB_NODE:
		break;
	}
	return false;
}

static void check_storage(const struct table *table, const struct column *column)
{
	const struct mib_object *object = &mib_objects[column->object];

	if (!storage_fits(object, (enum storage)column->storage))
		fail_msg("%s", object->name);
	assert_int_equal(object->kind,
			 is_own(table, column->object) && !mib_objects[table->entry].list ?
				 MIB_KIND_SCALAR :
				 MIB_KIND_COLUMN);
	assert_true(column->offset + column->size <= table->size);
}

TEST(values_are_stored_as_the_mib_types_them)
{
	each_column(check_storage);
}

/* A text that fills its field must not be longer than the MIB allows, nor a field shorter than the
 * least; an address has room in its octets. */
static void check_length(const struct table *table, const struct column *column)
{
	const struct mib_object *object = &mib_objects[column->object];

	(void)table;
	if (column->storage == STORE_TEXT && column->size - 1 > object->max)
		fail_msg("%s has %d octets, not %d", object->name, (int)object->max,
			 column->size - 1);
	if (column->storage == STORE_OCTETS)
		assert_in_range(object->max, 0, sizeof(((struct octets *)0)->octet));
}

TEST(texts_are_no_longer_than_the_mib_allows)
{
	each_column(check_length);
}

/* A column that lies on another one, with which it shares octets by mistake. */
TEST(columns_do_not_overlap)
{
	for (const struct table *const *table = tables_all(); *table; table++)
		for (size_t i = 0; i < (*table)->columns_count; i++)
			for (size_t j = 0; j < i; j++) {
				const struct column *one = &(*table)->columns[i],
						    *other = &(*table)->columns[j];
				bool same =
					one->offset == other->offset && one->size == other->size;

				if (!same && one->offset < other->offset + other->size &&
				    other->offset < one->offset + one->size)
					fail_msg("%s", mib_objects[one->object].name);
				if (same && (*table)->entry != mib_haEventEntry)
					fail_msg("%s", mib_objects[one->object].name);
			}
}

TEST(the_longest_index_fits)
{
	for (const struct table *const *table = tables_all(); *table; table++) {
		const uint16_t *object = mib_objects[(*table)->entry].list;
		uint32_t oid[MIB_OID_MAX];
		size_t length = 0;

		for (; object && *object; object++) {
			const struct column *column = table_column(*table, *object);
			bool number =
				column->storage != STORE_TEXT && column->storage != STORE_OCTETS;

			assert_true(length + column->size + 1U <=
				    INDEX_MAX); /* what table_index() asserts */
			length += number ? 1 : column->size;
		}
		assert_true(mib_oid((*table)->entry, oid) + 1 + length <= MIB_OID_MAX);
	}
}

/* ---- what is watched ---- */

static void check_level(const struct column *column, const struct level *level)
{
	const struct mib_object *object = &mib_objects[column->object];

	if (level->value != LEVEL_OTHERWISE && object->syntax != MIB_BITS &&
	    !is_label(object->labels, level->value))
		fail_msg("%s has no value %d", object->name, level->value);
	assert_true(is_label(HaSeverity_labels, level->severity));
	if (level->severity > HaSeverity_info && !is_label(HaAlarmType_labels, level->alarm))
		fail_msg("%s: the alarm of %d", object->name, level->value);
	assert_true(level->value != LEVEL_OTHERWISE || level[1].value == LEVELS_END);
	for (const struct level *other = level + 1; other->value != LEVELS_END; other++)
		assert_int_not_equal(other->value, level->value);
}

/* Every object of a notification is carried by the event, by the row that changed, or by a row of
 * the same index. */
static void check_notification(const struct table *table, const struct column *column,
			       unsigned int notification)
{
	const uint16_t *object = mib_objects[notification].list;
	bool itself = false;

	assert_int_equal(mib_objects[notification].kind, MIB_KIND_NOTIFICATION);
	for (; *object; object++) {
		itself = itself || *object == column->object;
		if (mib_objects[*object].parent != mib_haEventEntry &&
		    !table_column(table, *object))
			fail_msg("%s is not in the table of %s", mib_objects[*object].name,
				 mib_objects[column->object].name);
	}
	if (!itself)
		fail_msg("%s does not carry %s", mib_objects[notification].name,
			 mib_objects[column->object].name);
}

static void check_watch(const struct table *table, const struct column *column)
{
	const struct watch *watch = column->watch;

	if (!watch)
		return;
	for (const struct level *level = watch->levels; level && level->value != LEVELS_END;
	     level++)
		check_level(column, level);
	if (watch->notification) {
		check_notification(table, column, watch->notification);
		assert_true(column->storage == STORE_INT32 || column->storage == STORE_UINT32 ||
			    (column->storage == STORE_TEXT && watch->number));
		assert_true(watch->number + sizeof(int32_t) <= table->size);
	}
	if (watch->cleared_notification)
		check_notification(table, column, watch->cleared_notification);
	if (!watch->notification)
		assert_true(!watch->cleared_notification && !watch->levels);
}

TEST(what_is_watched_has_its_notification_and_its_alarms)
{
	each_column(check_watch);
}

/* ---- rows ---- */

static void fill(const struct table *table, void *row, int octet)
{
	memset(row, octet, table->size);
	((struct row *)row)->absent = 0;
	for (size_t i = 0; i < table->columns_count; i++) {
		const struct column *column = &table->columns[i];
		char *cell = (char *)row + column->offset;

		if (column->storage == STORE_TEXT)
			cell[column->size - 1] = '\0';
		if (column->storage == STORE_OCTETS)
			((struct octets *)(void *)cell)->length =
				sizeof(((struct octets *)0)->octet);
	}
}

/* In fields of every length, each in memory of its own: the sanitizers look on. */
TEST(every_row_can_be_printed_into_any_field)
{
	static const int octets[] = { 0, 1, 'x', 0xff };

	for (const struct table *const *table = tables_all(); *table; table++)
		for (size_t i = 0; i < COUNT(octets); i++) {
			void *row = memory_new(1, (*table)->size);

			fill(*table, row, octets[i]);
			assert_true(table_sound(*table, row));
			for (size_t size = 1; size < 70; size++) {
				char *text = memory_new(size, 1);

				for (size_t c = 0; c < (*table)->columns_count; c++)
					table_print(&(*table)->columns[c], row, text, size);
				table_subject(*table, row, text, size);
				assert_true(memchr(text, '\0', size));
				free(text);
			}
			free(row);
		}
}

static bool may_be_unknown(const struct column *column)
{
	const struct mib_label *labels = mib_objects[column->object].labels;

	return column->storage == STORE_INT32 && labels &&
	       mib_value_of(labels, "unknown", strlen("unknown"), 0) > 0;
}

TEST(forgetting_leaves_numbers_and_indexes_alone)
{
	for (const struct table *const *table = tables_all(); *table; table++) {
		void *row = memory_new(1, (*table)->size), *before = memory_new(1, (*table)->size);
		uint32_t index[INDEX_MAX], old_index[INDEX_MAX];

		fill(*table, row, 7);
		fill(*table, before, 7);
		if (mib_objects[(*table)->entry].list)
			table_index(*table, before, old_index);
		table_forget(*table, row);
		assert_int_equal(((struct row *)row)->state, HaRowState_unknown);
		for (size_t i = 0; i < (*table)->columns_count; i++) {
			const struct column *column = &(*table)->columns[i];
			char text[16];

			if (may_be_unknown(column)) {
				table_print(column, row, text, sizeof(text));
				assert_string_equal(text, "unknown");
			} else {
				assert_memory_equal((char *)row + column->offset,
						    (char *)before + column->offset, column->size);
			}
		}
		if (mib_objects[(*table)->entry].list) {
			size_t length = table_index(*table, row, index);

			assert_memory_equal(index, old_index, length * sizeof(*index));
		}
		free(row);
		free(before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_object_has_its_own_name_and_place),
		cmocka_unit_test(identifiers_are_those_of_the_parent_and_the_arc),
		cmocka_unit_test(enumerations_have_no_zero_and_no_doubles),
		cmocka_unit_test(words_are_found_in_letters_of_either_case_and_as_a_whole),
		cmocka_unit_test(every_notification_is_a_kind_of_event),
		cmocka_unit_test(every_table_stands_once_for_an_entry_or_a_node),
		cmocka_unit_test(columns_are_in_the_order_of_their_arcs),
		cmocka_unit_test(every_readable_object_of_a_table_is_carried_and_every_index),
		cmocka_unit_test(values_are_stored_as_the_mib_types_them),
		cmocka_unit_test(texts_are_no_longer_than_the_mib_allows),
		cmocka_unit_test(columns_do_not_overlap),
		cmocka_unit_test(the_longest_index_fits),
		cmocka_unit_test(what_is_watched_has_its_notification_and_its_alarms),
		cmocka_unit_test(every_row_can_be_printed_into_any_field),
		cmocka_unit_test(forgetting_leaves_numbers_and_indexes_alone),
	};

	return cmocka_run_group_tests_name("mib", tests, NULL, NULL);
}
