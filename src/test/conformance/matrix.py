"""Writes docs/CONFORMANCE.md from the results."""
import collections
import sys

results, node, python, harness = sys.argv[1:5]
rows = [line.rstrip("\n").split("\t") for line in open(results, encoding="utf-8")]
clients = collections.OrderedDict()
for client, case, outcome, note in rows:
    clients.setdefault(client, []).append((case, outcome, note))
count = collections.Counter(outcome for _, _, outcome, _ in rows)

print("# Conformance")
print()
print("Clients that others wrote, against a server with the default model; `src/test/conformance/run` writes this page.")
print("openai-java and LangChain4j in the versions of `pom.xml`, openai-node " + node + ", openai-python " + python + ",")
print("lm-evaluation-harness " + harness + " (with what `local-completions` needs; tasks and data are in `src/test/conformance/lm-eval`).")
print("openai-java validates each answer, but for two nulls that its validation does not know: `finish_reason` in a completion's chunks, and")
print("`top_logprobs` of a prompt's first token.")
print("What the API takes and refuses is listed in [API.md](API.md).")
print()
print(f"{len(rows)} cases: {count['ok']} ok, {count['failed']} failed, {count['skipped']} skipped.")
for client, cases in clients.items():
    print()
    print("## " + client)
    print("| case | | |")
    print("|---|---|---|")
    for case, outcome, note in cases:
        print(f"| {case} | {outcome} | {note.replace('|', '/')} |")
