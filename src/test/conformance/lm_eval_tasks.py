"""lm-evaluation-harness itself: lm_eval_tasks.py URL WORK; prints client, case, outcome, note.

Its local-completions runs the tasks in lm-eval/ over a file of ours; nothing is fetched. WORK gets the default model's
tokenizer in the form that transformers opens."""
import json
import math
import os
import pathlib
import shutil
import sys
import urllib.request

import cases

url, work = sys.argv[1], pathlib.Path(sys.argv[2])
here = pathlib.Path(__file__).resolve().parent / "lm-eval"
root = here.parents[3]
os.environ.update(HF_HOME=str(work / "hf"), HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
os.chdir(here)

import lm_eval  # noqa: E402 after what it reads from the environment
from lm_eval.tasks import TaskManager  # noqa: E402

CLIENT = "lm-evaluation-harness"
with urllib.request.urlopen(url + "/v1/models") as answer:
    card = json.load(answer)["data"][0]
tokenizer = work / "tokenizer"
tokenizer.mkdir(parents=True, exist_ok=True)
shutil.copy(root / "model-store" / card["id"] / "tokenizer.json", tokenizer)
(tokenizer / "tokenizer_config.json").write_text(
    json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|endoftext|>"}))


def evaluate(task, batch):
    return lm_eval.simple_evaluate(
        model="local-completions", tasks=[task], task_manager=TaskManager(include_path=str(here), include_defaults=False),
        batch_size=batch, bootstrap_iters=0,
        model_args={"model": card["id"], "base_url": url + "/v1/completions", "tokenizer_backend": "huggingface",
                    "tokenizer": str(tokenizer), "max_length": card["max_model_len"]})


def likelihoods(result):
    return [[float(choice[0]) for choice in sample["filtered_resps"]] for sample in result["samples"]["loci_choices"]]


def post(path, body):
    request = urllib.request.Request(url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def ids(text):
    return post("/tokenize", {"prompt": text, "add_special_tokens": False})["tokens"]


def choices():
    result = evaluate("loci_choices", 1)
    accuracy = result["results"]["loci_choices"]["acc,none"]
    assert 0 <= accuracy <= 1, f"an accuracy of {accuracy}"
    for sample, found in zip(result["samples"]["loci_choices"], likelihoods(result)):
        for choice, likelihood in zip(sample["doc"]["choices"], found):
            start, whole = len(ids(sample["doc"]["question"])), ids(sample["doc"]["question"] + " " + choice)
            scores = post("/v1/completions", {"prompt": whole, "max_tokens": 0, "echo": True, "logprobs": 0})
            expected = math.fsum(scores["choices"][0]["logprobs"]["token_logprobs"][start:])
            assert abs(likelihood - expected) < 1e-9, f"{likelihood} for {choice}, expected {expected}"


def batches():
    assert likelihoods(evaluate("loci_choices", 4)) == likelihoods(evaluate("loci_choices", 1)), "a batch differs"


def rolling():
    perplexity = evaluate("loci_texts", 1)["results"]["loci_texts"]["word_perplexity,none"]
    assert 1 < perplexity < math.inf, f"a perplexity of {perplexity}"


cases.run(CLIENT, {"local-completions: a task of several choices": choices, "local-completions: the same in batches": batches,
                   "local-completions: a task of whole texts": rolling})
