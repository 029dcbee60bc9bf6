# The balancer's services and servers as its agent shows them.
# SPDX-License-Identifier: BSD-2-Clause


def rows(node, entry):
    """The rows of a table by the numbers of their index: addresses are not text. A row that goes or
    comes during the walk lacks columns, and is left out."""
    found = {}
    for oid, value in node.reader.bulk_walk(node.mib.objects[entry].oid):
        column, numbers = node.mib.find(oid)
        found.setdefault(tuple(numbers), {})[column.name] = node.mib.plain(column, value.value)
    needed = {entry.replace("Entry", column) for column in ("RowState", "Text", "State", "StateTime")}
    return {index: row for index, row in found.items() if needed <= row.keys()}


def services(node):
    """The services by their texts."""
    return {row["haIpvsServiceText"]: row for row in rows(node, "haIpvsServiceEntry").values()}


def indexes(node):
    """The rows of the servers, with their numbers, by the texts of service and server."""
    texts = {index: row["haIpvsServiceText"] for index, row in rows(node, "haIpvsServiceEntry").items()}
    return {(next((text for service, text in texts.items() if index[:len(service)] == service), None),
             row["haIpvsRealText"]): (index, row) for index, row in rows(node, "haIpvsRealEntry").items()}


def reals(node):
    """The servers by the texts of service and server."""
    return {key: row for key, (_, row) in indexes(node).items()}


def states(node):
    """State and weight of each server."""
    return {key: (row["haIpvsRealState"], row["haIpvsRealWeight"]) for key, row in reals(node).items()}


def service_states(node):
    """Row state, state, servers and active servers of each service."""
    return {text: (row["haIpvsServiceRowState"], row["haIpvsServiceState"], row["haIpvsServiceReals"],
                   row["haIpvsServiceRealsActive"]) for text, row in services(node).items()}
