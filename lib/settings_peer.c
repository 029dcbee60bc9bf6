/* The section `peer' of the configuration: the agent of the other node, and how to ask it.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lib/settings_peer.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/settings.h"
#include "lib/settings_part.h"

#define ADDRESSES_MAX 8
#define USER_MAX 32 /* RFC 3414, SNMP-USER-BASED-SM-MIB */
#define DELIMITERS " \t\r\n\"'={}()+,"

cfg_opt_t settings_peer_options[] = { CFG_STR_LIST("address", NULL, CFGF_NODEFAULT),
				      CFG_INT("port", 161, CFGF_NONE),
				      CFG_STR("user", "ha-agentx", CFGF_NONE),
				      CFG_STR("auth-protocol", "SHA-256", CFGF_NONE),
				      CFG_STR("auth-password", NULL, CFGF_NODEFAULT),
				      CFG_STR("auth-file", NULL, CFGF_NODEFAULT),
				      CFG_STR("priv-protocol", "AES", CFGF_NONE),
				      CFG_STR("priv-password", NULL, CFGF_NODEFAULT),
				      CFG_STR("priv-file", NULL, CFGF_NODEFAULT),
				      CFG_FLOAT("interval", 1, CFGF_NONE),
				      CFG_FLOAT("timeout", 1, CFGF_NONE),
				      CFG_FLOAT("limit", 5, CFGF_NONE),
				      CFG_END() };

/* ---- passwords, taken out of the text before anybody else reads it ---- */

/* A word of the section and the password that was found behind it. */
struct hidden {
	const char *word;
	char password[SETTINGS_PASSWORD_MAX + 1];
};

static struct hidden hidden_auth = { .word = "auth-password" };
static struct hidden hidden_priv = { .word = "priv-password" };

static int line_of(const char *text, const char *place)
{
	int line = 1;

	for (; text < place; text++)
		line += *text == '\n';
	return line;
}

/* The password that begins here, quoted or not, as its first octet and its length. */
static char *find_value(char *text, size_t *length)
{
	const char quote = *text;

	if (quote != '"' && quote != '\'') {
		*length = strcspn(text, DELIMITERS);
		return text;
	}
	*length = strcspn(++text, (const char[]){ quote, '\0' });
	return text;
}

static void check_password(const char *word, const char *password, size_t length, int line)
{
	if (length < SETTINGS_PASSWORD_MIN || length > SETTINGS_PASSWORD_MAX)
		settings_refuse(line, "%s must have %d to %d octets", word, SETTINGS_PASSWORD_MIN,
				SETTINGS_PASSWORD_MAX);
	for (size_t i = 0; i < length; i++)
		if (password[i] < ' ' || password[i] > '~' || password[i] == '\\')
			settings_refuse(line,
					"%s must be printable ASCII without a backslash: give the "
					"password in a file",
					word);
}

/* Behind the value of the word that stands here; NULL when it is not an assignment of it. */
static char *hide(struct hidden *hidden, const char *begin, char *text, char *twin)
{
	size_t length = strlen(hidden->word);
	char *value;

	if (strncmp(text, hidden->word, length) != 0 ||
	    (text > begin && !strchr(DELIMITERS, text[-1])))
		return NULL;
	text += length;
	text += strspn(text, " \t\r\n");
	if (*text != '=')
		return NULL;
	text++;
	text += strspn(text, " \t\r\n");
	value = find_value(text, &length);
	check_password(hidden->word, value, length, line_of(begin, value));
	text_put_part(hidden->password, sizeof(hidden->password), value, length);
	memset(value, 'x', length);
	memset(twin + (value - begin), 'x', length);
	return value + length + (value > text);
}

void settings_peer_hide(char *text, char *twin)
{
	const char *begin = text;
	char *behind;

	while (*text) {
		if (*text == '"' || *text == '\'')
			text = settings_skip_quoted(text);
		else if ((behind = hide(&hidden_auth, begin, text, twin)) ||
			 (behind = hide(&hidden_priv, begin, text, twin)))
			text = behind;
		else
			text++;
	}
}

/* ---- validation, where the reader knows the line ---- */

static int check_address(cfg_t *section, cfg_opt_t *option)
{
	const char *text = cfg_opt_getnstr(option, cfg_opt_size(option) - 1);
	struct address address;

	if (cfg_opt_size(option) > ADDRESSES_MAX) {
		cfg_error(section, "more than %d addresses", ADDRESSES_MAX);
		return -1;
	}
	if (address_parse(&address, text, 0))
		return 0;
	cfg_error(section, "\"%s\" is not an address, as \"192.0.2.2\" or \"2001:db8::2\"", text);
	return -1;
}

static int check_port(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_number(section, option, 1, UINT16_MAX, "");
}

static int check_user(cfg_t *section, cfg_opt_t *option)
{
	size_t length = strlen(cfg_opt_getnstr(option, cfg_opt_size(option) - 1));

	if (length >= 1 && length <= USER_MAX)
		return 0;
	cfg_error(section, "user must have 1 to %d octets", USER_MAX);
	return -1;
}

static int check_word(cfg_t *section, cfg_opt_t *option, const char *const *words, const char *list)
{
	const char *word = cfg_opt_getnstr(option, cfg_opt_size(option) - 1);

	for (; *words; words++)
		if (!strcmp(word, *words))
			return 0;
	cfg_error(section, "%s must be %s", cfg_opt_name(option), list);
	return -1;
}

static int check_auth(cfg_t *section, cfg_opt_t *option)
{
	static const char *const words[] = {
		"SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512", NULL
	};

	return check_word(section, option, words, "SHA, SHA-224, SHA-256, SHA-384 or SHA-512");
}

static int check_priv(cfg_t *section, cfg_opt_t *option)
{
	static const char *const words[] = { "AES", "AES-192", "AES-256", NULL };

	return check_word(section, option, words, "AES, AES-192 or AES-256");
}

static int check_interval(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_seconds(section, option, 0.1, 60);
}

static int check_timeout(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_seconds(section, option, 0.1, 10);
}

static int check_limit(cfg_t *section, cfg_opt_t *option)
{
	return settings_check_seconds(section, option, 0.5, 300);
}

void settings_peer_validate(cfg_t *parser)
{
	cfg_set_validate_func(parser, "peer|address", check_address);
	cfg_set_validate_func(parser, "peer|port", check_port);
	cfg_set_validate_func(parser, "peer|user", check_user);
	cfg_set_validate_func(parser, "peer|auth-protocol", check_auth);
	cfg_set_validate_func(parser, "peer|priv-protocol", check_priv);
	cfg_set_validate_func(parser, "peer|auth-file", settings_check_path);
	cfg_set_validate_func(parser, "peer|priv-file", settings_check_path);
	cfg_set_validate_func(parser, "peer|interval", check_interval);
	cfg_set_validate_func(parser, "peer|timeout", check_timeout);
	cfg_set_validate_func(parser, "peer|limit", check_limit);
}

/* ---- what stands there ---- */

static void take_secret(struct settings_secret *secret, cfg_t *section, const char *kind,
			struct hidden *hidden)
{
	char option[32];
	const char *file;

	TEXT_PRINT(option, "%s-protocol", kind);
	secret->protocol = memory_text(cfg_getstr(section, option));
	TEXT_PRINT(option, "%s-file", kind);
	file = cfg_getstr(section, option);
	secret->file = file ? memory_text(file) : NULL;
	memcpy(secret->password, hidden->password, sizeof(secret->password));
	explicit_bzero(hidden->password, sizeof(hidden->password));
	secret->line = section->line;
}

/* What is missing or too much for a peer that can be asked; NULL: nothing. */
static const char *complain_of_secret(const struct settings_secret *secret)
{
	if (secret->file && *secret->password)
		return "both as a password and as a file";
	return secret->file || *secret->password ? NULL : "neither as a password nor as a file";
}

static void check_peer(const struct settings_peer *peer, int line)
{
	const char *error = complain_of_secret(&peer->auth);

	if (error)
		settings_refuse(line, "the peer, which ends here, has auth given %s", error);
	error = complain_of_secret(&peer->priv);
	if (error)
		settings_refuse(line, "the peer, which ends here, has priv given %s", error);
	if (peer->limit < (int64_t)peer->interval + peer->timeout)
		settings_refuse(line,
				"the peer, which ends here, has a limit below interval and timeout "
				"together");
}

static void take_addresses(struct settings_peer *peer, cfg_t *section)
{
	uint16_t port = (uint16_t)cfg_getint(section, "port");

	peer->addresses_count = cfg_size(section, "address");
	peer->addresses = memory_new(peer->addresses_count + 1, sizeof(*peer->addresses));
	for (unsigned int i = 0; i < peer->addresses_count; i++)
		address_parse(&peer->addresses[i], cfg_getnstr(section, "address", i), port);
}

struct settings_peer *settings_peer_take(cfg_t *section)
{
	struct settings_peer *peer = memory_new(1, sizeof(*peer));

	take_addresses(peer, section);
	peer->user = memory_text(cfg_getstr(section, "user"));
	take_secret(&peer->auth, section, "auth", &hidden_auth);
	take_secret(&peer->priv, section, "priv", &hidden_priv);
	peer->interval = (uint32_t)lround(cfg_getfloat(section, "interval") * 1e3);
	peer->timeout = (uint32_t)lround(cfg_getfloat(section, "timeout") * 1e3);
	peer->limit = llround(cfg_getfloat(section, "limit") * 1e3);
	if (peer->addresses_count > 0)
		check_peer(peer, section->line);
	return peer;
}

static void free_secret(struct settings_secret *secret)
{
	free(secret->protocol);
	free(secret->file);
	explicit_bzero(secret->password, sizeof(secret->password));
}

void settings_peer_free(struct settings_peer *peer)
{
	free_secret(&peer->auth);
	free_secret(&peer->priv);
	free(peer->addresses);
	free(peer->user);
	free(peer);
}

void settings_forget_secrets(const struct settings *settings)
{
	explicit_bzero(settings->peer->auth.password, sizeof(settings->peer->auth.password));
	explicit_bzero(settings->peer->priv.password, sizeof(settings->peer->priv.password));
}
