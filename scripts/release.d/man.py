#!/usr/bin/env python3
"""Writes man pages from the program's own description of its commands.

Usage: man.py HELP_JSON VERSION DIRECTORY
HELP_JSON is what `sla-planner --experimental-dump-help` prints.
"""
import json
import os
import sys
import time


def quoted(text):
    """Text that troff takes as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def names(argument):
    def dashed(name):
        return ("-" if name["kind"] == "short" else "--") + name["name"]
    return ", ".join(dashed(name) for name in argument.get("names") or [])


def argument_lines(argument):
    value = argument.get("valueName") or ""
    if argument["kind"] == "positional":
        head = f"\\fI{quoted(value)}\\fR"
    else:
        head = f"\\fB{quoted(names(argument))}\\fR"
        if argument["kind"] == "option":
            head += f" \\fI{quoted(value)}\\fR"
    text = " ".join(part for part in (argument.get("abstract"), argument.get("discussion")) if part)
    if argument.get("defaultValue") and "(default" not in text:
        text += f" (default: {argument['defaultValue']})"
    return [".TP", head, quoted(text or "No description.")]


def page(command, path, version, date):
    name = "-".join(path)
    lines = [
        f'.TH "{name.upper()}" "1" "{date}" "sla\\-planner {version}" "User Commands"',
        ".SH NAME", f"{quoted(name)} \\- {quoted(command.get('abstract') or name)}",
        ".SH SYNOPSIS", f"\\fB{quoted(' '.join(path))}\\fR [\\fIoptions\\fR]"]
    if command.get("discussion"):
        lines += [".SH DESCRIPTION"]
        lines += [part for text in command["discussion"].split("\n\n")
                  for part in (".PP", quoted(text))]
    shown = [a for a in command.get("arguments", []) if a.get("shouldDisplay", True)]
    sections = {}
    for argument in shown:
        sections.setdefault(argument.get("sectionTitle") or "Options", []).append(argument)
    for title, arguments in sections.items():
        lines.append(f'.SH "{quoted(title.upper())}"')
        for argument in arguments:
            lines += argument_lines(argument)
    subcommands = [c for c in command.get("subcommands", []) if c["commandName"] != "help"]
    if subcommands:
        lines.append(".SH COMMANDS")
        for sub in subcommands:
            lines += [".TP", f"\\fB{quoted('-'.join(path + [sub['commandName']]))}\\fR(1)",
                      quoted(sub.get("abstract") or "")]
    lines += [".SH ENVIRONMENT", "Every option of \\fBrun\\fR can be given as "
              "\\fBSLA_PLANNER_\\fR\\fINAME\\fR, with _ for \\-."]
    return "\n".join(lines) + "\n", subcommands


def main(source, version, folder):
    date = time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", "0"))))
    root = json.load(open(source))["command"]
    pending = [(root, [root["commandName"]])]
    while pending:
        command, path = pending.pop()
        text, subcommands = page(command, path, version, date)
        with open(os.path.join(folder, "-".join(path) + ".1"), "w") as file:
            file.write(text)
        pending += [(sub, path + [sub["commandName"]]) for sub in subcommands]


main(*sys.argv[1:4])
