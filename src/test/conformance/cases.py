"""Runs the cases of a client, by name; prints client, case, outcome, note."""


def run(client, cases):
    for name, case in cases.items():
        try:
            case()
            print(client, name, "ok", "", sep="\t")
        except Exception as e:  # noqa: BLE001 whatever it is, it is the case's outcome
            print(client, name, "failed", " ".join(f"{type(e).__name__} {e}".split())[:200], sep="\t")
