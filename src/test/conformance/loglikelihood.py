"""What evaluation harnesses ask of /v1/completions (lm-eval's local-completions): loglikelihood.py URL.

A context and its continuation go in as ids, `echo` and `logprobs` give the continuation's log-probabilities, and the
last, generated token is left out; prints client, case, outcome, note."""
import json
import math
import sys
import urllib.request

import cases

URL = sys.argv[1]
CLIENT = "loglikelihood, as lm-eval's local-completions asks"
PAIRS = [("The capital of France is", " Paris"), ("The capital of France is", " xylophone"), ("One two three", " four five")]


def post(path, body):
    request = urllib.request.Request(
        URL + path, json.dumps(body).encode(), {"Content-Type": "application/json", "Authorization": "Bearer none"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def ids(text):
    return post("/tokenize", {"prompt": text})["tokens"]


def prompts():
    return [(len(ids(context)), ids(context + continuation)) for context, continuation in PAIRS]


def ask(prompt, **more):
    return post("/v1/completions", {"prompt": prompt, "temperature": 0, "max_tokens": 1, "logprobs": 1, "seed": 1234,
                                    "echo": True, **more})


def scores(choice, start):
    return choice["logprobs"]["token_logprobs"][start:-1]


def sums():
    answer = ask([tokens for _, tokens in prompts()])
    choices = sorted(answer["choices"], key=lambda choice: choice["index"])
    return [(math.fsum(scores(choice, start)), choice, start) for choice, (start, _) in zip(choices, prompts())]


def batch():
    for likelihood, choice, start in sums():
        assert likelihood < 0 and len(choice["logprobs"]["tokens"]) == len(choice["logprobs"]["token_logprobs"])
        for token, top, score in list(zip(choice["logprobs"]["tokens"], choice["logprobs"]["top_logprobs"],
                                          choice["logprobs"]["token_logprobs"]))[start:-1]:
            assert top[token] == score and max(top.values()) >= score


def alone():
    for (likelihood, _, _), (start, tokens) in zip(sums(), prompts()):
        assert math.fsum(scores(ask(tokens)["choices"][0], start)) == likelihood, "another sum alone"


def scoring():
    for (likelihood, _, _), (start, tokens) in zip(sums(), prompts()):
        only = ask(tokens, max_tokens=0)["choices"][0]["logprobs"]["token_logprobs"]
        assert len(only) == len(tokens) and math.fsum(only[start:]) == likelihood, "another sum without a new token"


def greedy():
    start, tokens = prompts()[0]
    best = post("/v1/completions", {"prompt": tokens[:start], "temperature": 0, "max_tokens": 3, "logprobs": 0})
    text = best["choices"][0]["logprobs"]["tokens"]
    again = ask(tokens[:start] + ids("".join(text)))["choices"][0]["logprobs"]
    if len(again["tokens"]) - 1 == start + len(text):
        for token, top in list(zip(again["tokens"], again["top_logprobs"]))[start:-1]:
            assert token == max(top, key=top.get), "the greedy continuation is not greedy when it is scored"


cases.run(CLIENT, {"a batch of ids, echoed with scores": batch, "the same sums one by one": alone,
                   "the same sums by scoring alone (max_tokens 0)": scoring, "is_greedy of a greedy continuation": greedy})
