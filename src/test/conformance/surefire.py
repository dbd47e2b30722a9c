"""Prints the test cases of surefire's reports as lines of the results: client, case, outcome, note."""
import pathlib
import re
import sys
import xml.etree.ElementTree as tree

CLIENTS = {"OpenAiJavaTest": "openai-java", "RetriesTest": "openai-java", "LangChain4jTest": "LangChain4j",
           "OpenApiCallsTest": "calls drawn from the OpenAPI document"}

for report in sorted(pathlib.Path(sys.argv[1]).glob("TEST-*.xml")):
    for case in tree.parse(report).getroot().iter("testcase"):
        client = CLIENTS.get(case.get("classname").rsplit(".", 1)[-1])
        if client is None:
            continue
        name = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", re.sub(r"\(.*", "", case.get("name"))).lower()
        fault = case.find("failure")
        fault = case.find("error") if fault is None else fault
        if fault is not None:
            note = " ".join((fault.get("message") or fault.get("type") or "").split())[:200]
            print(client, name, "failed", note, sep="\t")
        else:
            print(client, name, "skipped" if case.find("skipped") is not None else "ok", "", sep="\t")
