/* Clients of NFS version 4 that hold state.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/nfs/clients.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"

/* ---- one client ---- */

static void read_id(const char *text, struct nfs_client_row *row)
{
	unsigned long long id = strtoull(text, NULL, 16);

	row->id.length = 8;
	for (int i = 0; i < 8; i++)
		row->id.octet[i] = (uint8_t)(id >> (56 - 8 * i));
}

/* An address with a port as the kernel prints it: "10.77.0.3:928", "[fd00::3]:928". */
static void read_address(const char *text, struct nfs_client_row *row)
{
	const char *colon = strrchr(text, ':');
	char address[INET6_ADDRSTRLEN];
	int family = *text == '[' ? AF_INET6 : AF_INET;
	size_t skip = *text == '[';

	if (!colon || (size_t)(colon - text) < 2 * skip)
		return;
	text_put_part(address, sizeof(address), text + skip, (size_t)(colon - text) - 2 * skip);
	if (inet_pton(family, address, row->address.octet) != 1)
		return;
	row->address_type = family == AF_INET ? InetAddressType_ipv4 : InetAddressType_ipv6;
	row->address.length = family == AF_INET ? 4 : 16;
	row->port = (uint32_t)strtoul(colon + 1, NULL, 10) & UINT16_MAX;
}

/* The kernel's words, "UP", "CONFIRMED", are the MIB's in capital letters. */
static int32_t read_word(const struct mib_label *labels, const char *text)
{
	char word[32];
	size_t length = 0;

	for (; length < sizeof(word) && text[length]; length++)
		word[length] = (char)tolower((unsigned char)text[length]);
	return mib_value_of(labels, word, length, 1);
}

/* Without the quotation marks; what is no text in there the kernel has escaped. */
static void read_quoted(const char *text, char *value, size_t size)
{
	size_t length = strlen(text);

	if (length >= 2 && *text == '"' && text[length - 1] == '"')
		text_put_part(value, size, text + 1, length - 2);
	else
		text_put(value, size, text);
}

static void take_line(const char *key, const char *value, struct nfs_client_row *row)
{
	char address[128];

	if (!strcmp(key, "clientid"))
		read_id(value, row);
	else if (!strcmp(key, "address"))
		read_quoted(value, address, sizeof(address)), read_address(address, row);
	else if (!strcmp(key, "status"))
		row->status = read_word(haNfsClientStatus_labels, value);
	else if (!strcmp(key, "seconds from last renew"))
		row->renew_age = (uint32_t)strtoul(value, NULL, 10);
	else if (!strcmp(key, "name"))
		read_quoted(value, row->name, sizeof(row->name));
	else if (!strcmp(key, "minor version"))
		row->minor_version = (uint32_t)strtoul(value, NULL, 10);
	else if (!strcmp(key, "callback state"))
		row->callback = read_word(haNfsClientCallback_labels, value);
}

int nfs_client_read(const char *info, struct nfs_client_row *row)
{
	*row = (struct nfs_client_row){
		.head.state = HaRowState_fresh,
		.status = haNfsClientStatus_unknown,
		.callback = haNfsClientCallback_unknown,
	};
	while (*info) {
		size_t length = strcspn(info, "\n");
		char line[1200], *colon;

		text_put_part(line, sizeof(line), info, length);
		info += length + (info[length] == '\n');
		colon = strstr(line, ": ");
		if (!colon)
			continue;
		*colon = '\0';
		take_line(line, colon + 2, row);
	}
	return row->id.length ? 0 : -1;
}

/* ---- all of them ---- */

/* Each state is a line that begins with a hyphen. The file may be long: a client may hold a hundred
 * thousand locks. */
static uint32_t count_states(const char *path)
{
	FILE *file = fopen(path, "re");
	uint32_t count = 0;
	int octet, before = '\n';

	if (!file)
		return 0;
	for (; (octet = getc_unlocked(file)) != EOF; before = octet)
		count += before == '\n' && octet == '-';
	fclose(file);
	return count;
}

static int look_at(const char *folder, const char *name, struct nfs_client_row *row)
{
	char path[512], info[4096];
	size_t length;
	FILE *file;

	TEXT_PRINT(path, "%s/%s/info", folder, name);
	file = fopen(path, "re");
	if (!file)
		return 0; /* it has just gone */
	length = fread(info, 1, sizeof(info) - 1, file);
	fclose(file);
	info[length] = '\0';
	if (nfs_client_read(info, row) < 0)
		return -1;
	TEXT_PRINT(path, "%s/%s/states", folder, name);
	row->states = count_states(path);
	return 1;
}

size_t nfs_clients_look(const char *folder, void (*take)(void *argument, const void *row),
			void *argument, uint32_t *rejected)
{
	DIR *clients = opendir(folder);
	struct nfs_client_row row;
	struct dirent *entry;
	size_t count = 0;

	while (clients && count < NFS_CLIENTS_MAX && (entry = readdir(clients))) {
		int read;

		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		read = look_at(folder, entry->d_name, &row);
		*rejected += read < 0;
		if (read <= 0)
			continue;
		take(argument, &row);
		count++;
	}
	if (clients)
		closedir(clients);
	return count;
}
