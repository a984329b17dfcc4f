#!/usr/bin/env python3
"""Prints what is in a binary as an SPDX 2.3 document: the Swift packages at their pinned versions, built
in, and the shared libraries that the binary asks for, which are the system's.

Usage: sbom.py VERSION PACKAGE_RESOLVED BINARY SOURCE_DATE_EPOCH
"""
import hashlib
import json
import subprocess
import sys
import time


def package(name, version, location, purl=None):
    entry = {
        "SPDXID": "SPDXRef-" + "".join(c if c.isalnum() else "-" for c in name), "name": name,
        "versionInfo": version, "downloadLocation": location, "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION"}
    if purl:
        entry["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER",
                                  "referenceType": "purl", "referenceLocator": purl}]
    return entry


def pinned(path):
    for pin in sorted(json.load(open(path))["pins"], key=lambda pin: pin["identity"]):
        state, location = pin["state"], pin["location"]
        version = state.get("version") or state["revision"]
        where = location.removeprefix("https://").removesuffix(".git")
        yield package(pin["identity"], version, f"git+{location}@{state['revision']}",
                      f"pkg:swift/{where}@{version}")


def needed(binary):
    output = subprocess.run(
        ["objdump", "-p", binary], capture_output=True, text=True, check=True).stdout
    return sorted(line.split()[1] for line in output.splitlines() if line.split()[:1] == ["NEEDED"])


def toolchain():
    line = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout
    return line.split("version ")[1].split()[0] if "version " in line else "unknown"


def main(version, resolved, binary, epoch):
    digest = hashlib.sha256(open(binary, "rb").read()).hexdigest()
    own = package("sla-planner", version, "NOASSERTION") | {
        "licenseDeclared": "Apache-2.0",
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}]}
    built_in = list(pinned(resolved)) + [
        package("swift-standard-library", toolchain(), "NOASSERTION")]
    loaded = [package(name, "system", "NOASSERTION") for name in needed(binary)]
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", own)]
    relations += [(own["SPDXID"], "STATIC_LINK", entry) for entry in built_in]
    relations += [(own["SPDXID"], "DYNAMIC_LINK", entry) for entry in loaded]
    json.dump({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"sla-planner-{version}",
        "documentNamespace": f"urn:sla-planner:{version}:{digest}",
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(epoch))),
            "creators": ["Tool: scripts/build-release"]},
        "packages": [own] + built_in + loaded,
        "relationships": [{"spdxElementId": source, "relationshipType": kind,
                           "relatedSpdxElement": entry["SPDXID"]}
                          for source, kind, entry in relations]}, sys.stdout, indent=1)
    print()


main(*sys.argv[1:5])
