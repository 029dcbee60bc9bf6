# Turns the text of HA-AGENTX-MIB into C: what a MIB compiler would do, for what this MIB uses.
# SPDX-License-Identifier: BSD-2-Clause
#
#	awk -v part=PART [-v root=OID] -f generate.awk HA-AGENTX-MIB.txt
#
# PART is header (enum mib_id and the enumerations), source (struct mib_object of every object, see
# mib.h) or mib (the text itself with its root moved to OID, for a site with a number of its own).
# OID defaults to what the text says.
#
# A definition begins in the first column and ends where the next one begins. The clauses it may
# have are cut out of it one by one; whatever is left over ends the run with file and line. So
# nothing is skipped but descriptions, sequences and conformance statements.

BEGIN {
	enterprises = "1.3.6.1.4.1."
	quoted = "\"[^\"]*\""
	if (part !~ /^(header|source|mib)$/)
		fail("part must be header, source or mib")
	if (root == "" ? part == "mib" : root !~ /^[0-2](\.[0-9]+)+$/)
		fail("root must be an object identifier")
	if (part == "mib" && index(root, enterprises) != 1)
		fail("the root of a site must lie below enterprises, " enterprises)

	known["enterprises"] = enterprises
	known["netSnmpPlaypen"] = enterprises "8072.9999.9999."
	define("Integer32", "INTEGER")
	define("Unsigned32", "UNSIGNED")
	define("Gauge32", "UNSIGNED")
	define("Counter32", "COUNTER")
	define("Counter64", "COUNTER64")
	define("TimeStamp", "TIMESTAMP")
	define("OCTET STRING", "OCTETS")
	define("DateAndTime", "OCTETS", 8, 11)
	define("InetAddress", "OCTETS", 0, 255)
	define("SnmpAdminString", "STRING", 0, 255)
	define("InetPortNumber", "UNSIGNED", 0, 65535)
	define("TestAndIncr", "INTEGER", 0, 2147483647)
	define("TruthValue", "INTEGER", 0, 0, "true(1),false(2)")
	define("InetAddressType", "INTEGER", 0, 0,
	       "unknown(0),ipv4(1),ipv6(2),ipv4z(3),ipv6z(4),dns(16)")
	access["not-accessible"] = "NO_ACCESS"
	access["accessible-for-notify"] = "NOTIFY"
	access["read-only"] = "READ"
	access["read-write"] = "WRITE"
}

part == "mib" {
	sub(/netSnmpPlaypen [0-9]+/, "enterprises " name_arcs(substr(root, length(enterprises) + 1)))
	sub(/netSnmpPlaypen/, "enterprises")
	sub(/NET-SNMP-MIB/, "SNMPv2-SMI")
	print
	next
}

/^--/ { next }
/^[A-Za-z]/ { end_definition(); line = FNR }
{ text = text " " $0 }

END {
	if (failed || part == "mib")
		exit failed
	if (text !~ /^ END *$/)
		fail("the text does not end with END")
	for (name in listed)
		if (kind[name] !~ /^(COLUMN|SCALAR)$/)
			fail(listed[name] " names " name ", which is neither a column nor a scalar")
	print "/* " (part == "header" ? "Objects and enumerations" : "Tables") \
	      " of HA-AGENTX-MIB, generated from its text.\n * SPDX-License-Identifier: BSD-2-Clause\n */"
	if (part == "header")
		print "#ifndef HA_AGENTX_MIB_H\n#define HA_AGENTX_MIB_H\n\n#include \"mib/mib.h\"\n\n" \
		      "enum mib_id {" ids "\n\tmib_count\n};\n" enums "\n#endif"
	else
		print "#include \"mib/ha-agentx-mib.h\"\n\nconst uint32_t mib_root[] = { " root " };\n" \
		      "const size_t mib_root_length = sizeof(mib_root) / sizeof(mib_root[0]);\n" \
		      tables "\nconst struct mib_object mib_objects[] = {" objects "\n};"
}

function fail(message)
{
	print (line ? FILENAME ":" line : "generate.awk") ": " message > "/dev/stderr"
	exit failed = 1
}

# Arcs as `{ enterprises ... }' wants them: all but the last with a name.
function name_arcs(path,    n, i, arc, named)
{
	n = split(path, arc, ".")
	for (i = 1; i < n; i++)
		named = named "site" i "(" arc[i] ") "
	return named arc[n]
}

function define(type, syntax, from, to, labels)
{
	base[type] = syntax
	low[type] = from == "" ? 0 : from
	high[type] = to == "" ? 0 : to
	if (labels != "") {
		labels_of[type] = labels
		enumeration[type] = type
	}
}

# Take what matches off the front of the definition, or the first `keyword value' out of it.
function take(pattern,    found)
{
	if (!match(text, "^ " pattern))
		return ""
	found = substr(text, 2, RLENGTH - 1)
	text = substr(text, RLENGTH + 1)
	return found
}

function cut(keyword, value,    found)
{
	if (!match(text, " " keyword " " value))
		return ""
	found = substr(text, RSTART, RLENGTH)
	text = substr(text, 1, RSTART - 1) substr(text, RSTART + RLENGTH)
	sub("^ " keyword " ", "", found)
	return found
}

function end_definition(    name, what)
{
	gsub(/[ \t\r]+/, " ", text)
	sub(/ $/, "", text)
	name = take("[A-Za-z][A-Za-z0-9-]*")
	what = take("(::= [A-Z-]+|OBJECT IDENTIFIER|[A-Z-]+)")
	while (cut("(DESCRIPTION|DISPLAY-HINT|LAST-UPDATED|REVISION|ORGANIZATION|CONTACT-INFO)", quoted))
		;
	cut("STATUS", "current")
	if (name == "IMPORTS" ||
	    what ~ /^(DEFINITIONS|::= SEQUENCE|OBJECT-GROUP|NOTIFICATION-GROUP|MODULE-COMPLIANCE)$/)
		text = ""
	else if (what == "::= TEXTUAL-CONVENTION")
		read_syntax(name, cut("SYNTAX", ".*"))
	else if (what ~ /^(MODULE-IDENTITY|OBJECT IDENTIFIER|OBJECT-TYPE|NOTIFICATION-TYPE)$/)
		read_object(name, what)
	if (text != "")
		fail(name " " what " is not understood:" text)
}

function read_object(name, what,    units, rights, list, place, syntax, up)
{
	units = cut("UNITS", quoted)
	rights = cut("MAX-ACCESS", "[a-z-]+")
	list = cut("(INDEX|OBJECTS)", "[{][^}]*[}]")
	split(cut("::=", "[{] [A-Za-z]+ [0-9]+ [}]"), place, " ")
	syntax = cut("SYNTAX", ".*")
	up = place[2]
	if (ids == "" && up in known) {
		root = root == "" ? known[up] place[3] : root
		gsub(/\./, ", ", root)
		up = name
	} else if (!(up in kind)) {
		fail("parent " up " of " name " is not defined above")
	}
	if ((up, place[3]) in taken)
		fail(name " has the same identifier as " taken[up, place[3]])
	if (up != name)
		taken[up, place[3]] = name

	low[name] = high[name] = 0
	if (what != "OBJECT-TYPE")
		kind[name] = what == "NOTIFICATION-TYPE" ? "NOTIFICATION" : "NODE"
	else if (syntax ~ /^SEQUENCE OF [A-Za-z]+Entry$/)
		kind[name] = "TABLE"
	else if (kind[up] == "TABLE" && syntax ~ /Entry$/ && list != "")
		kind[name] = "ENTRY"
	else if (read_syntax(name, syntax))
		kind[name] = kind[up] == "ENTRY" ? "COLUMN" : "SCALAR"
	if (what == "OBJECT-TYPE" && !(rights in access))
		fail("MAX-ACCESS " rights " of " name " is not known")

	ids = ids "\n\tmib_" name ","
	objects = objects "\n\t[mib_" name "] = {\n\t\t.name = \"" name "\"," \
		  (units != "" ? "\n\t\t.units = " units "," : "") \
		  (name in enumeration ? "\n\t\t.labels = " enumeration[name] "_labels," : "") \
		  (list != "" ? "\n\t\t.list = " name "_list," : "") \
		  "\n\t\t.min = " low[name] ", .max = " high[name] "," \
		  "\n\t\t.arc = " place[3] ", .parent = mib_" up "," \
		  "\n\t\t.kind = MIB_KIND_" kind[name] "," \
		  "\n\t\t.syntax = MIB_" (name in base ? base[name] : "NODE") "," \
		  "\n\t\t.access = MIB_" (rights != "" ? access[rights] : "NO_ACCESS") "," \
		  "\n\t\t.implied = " (list ~ /IMPLIED/ ? 1 : 0) "\n\t},"
	if (list != "")
		add_list(name, list)
}

# TYPE, TYPE (range), TYPE (SIZE (range)) or TYPE { labels }; the ends of a range count.
function read_syntax(name, syntax,    type, rest, n, bound)
{
	type = syntax
	if (match(syntax, / [({].*[)}]$/)) {
		type = substr(syntax, 1, RSTART - 1)
		rest = substr(syntax, RSTART + 1)
	}
	if (rest ~ /^[{]/ && type ~ /^(INTEGER|BITS)$/) {
		gsub(/[{} ]/, "", rest)
		define(name, type, 0, 0, rest)
	} else if (type in base && rest ~ /^([(](SIZE [(])?-?[0-9]+((\.\.|[|])-?[0-9]+)*[)]+)?$/) {
		gsub(/[^0-9-]+/, " ", rest)
		n = split(rest, bound, " ")
		define(name, base[type], n ? bound[1] : low[type], n ? bound[n] : high[type])
		if (type in enumeration)
			enumeration[name] = enumeration[type]
	} else {
		fail("syntax " syntax " of " name " is not understood")
	}
	if (name in enumeration && !(enumeration[name] in written))
		add_enumeration(enumeration[name])
	return 1
}

function add_enumeration(type,    n, i, label, part_of)
{
	written[type] = 1
	enums = enums "\nenum " type " {"
	tables = tables "\nconst struct mib_label " type "_labels[] = {"
	n = split(labels_of[type], label, ",")
	for (i = 1; i <= n; i++) {
		if (label[i] !~ /^[a-z][A-Za-z0-9]*[(]-?[0-9]+[)]$/)
			fail("label " label[i] " of " type " is not understood")
		split(label[i], part_of, /[()]/)
		enums = enums "\n\t" type "_" part_of[1] " = " part_of[2] (i < n ? "," : "")
		tables = tables "\n\t{ " part_of[2] ", \"" part_of[1] "\" },"
	}
	enums = enums "\n};\nextern const struct mib_label " type "_labels[];\n"
	tables = tables "\n\t{ 0, NULL }\n};\n"
}

function add_list(name, list,    n, i, word)
{
	gsub(/IMPLIED|[{},]/, " ", list)
	n = split(list, word, " ")
	tables = tables "\nstatic const uint16_t " name "_list[] = {"
	for (i = 1; i <= n; i++) {
		tables = tables "\n\tmib_" word[i] ","
		listed[word[i]] = name
	}
	tables = tables "\n\t0\n};\n"
}
