"""OpenAI's client for Python: openai_python.py URL FULL; prints client, case, outcome, note.

The server at FULL runs one request and lets one wait."""
import concurrent.futures
import json
import sys
import time
import typing
import urllib.request

import openai
import pydantic

url, full = sys.argv[1:3]
client = openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0, timeout=60)
model = client.models.list().data[0].id
messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who are you?"}]
completion = dict(model=model, prompt="Once upon a time", max_tokens=8, temperature=0)
chat = dict(model=model, messages=messages, max_completion_tokens=8, temperature=0)
response = dict(model=model, input="Who are you?", instructions="Be brief.", max_output_tokens=8, temperature=0)


def same(found, expected):
    if found != expected:
        raise AssertionError(f"expected {expected!r}, found {found!r}")


def refused(call, status, code, param):
    try:
        call()
    except openai.APIStatusError as e:
        same((e.status_code, e.code, e.param), (status, code, param))
        return
    raise AssertionError("expected an error, found an answer")


def models():
    same(client.models.retrieve(model).id, model)
    refused(lambda: client.models.retrieve("other"), 404, "model_not_found", "model")


def completions():
    whole = client.completions.create(**completion, logprobs=2)
    same(len(whole.choices[0].logprobs.tokens), 8)
    text = "".join(c.choices[0].text for c in client.completions.create(**completion, stream=True) if c.choices)
    same(text, whole.choices[0].text)


def chats():
    whole = client.chat.completions.create(**chat, logprobs=True, top_logprobs=2)
    same(len(whole.choices[0].logprobs.content), whole.usage.completion_tokens)
    chunks = list(client.chat.completions.create(**chat, stream=True, stream_options={"include_usage": True}))
    same("".join(c.choices[0].delta.content or "" for c in chunks if c.choices), whole.choices[0].message.content)
    same(chunks[-1].usage.completion_tokens, whole.usage.completion_tokens)


def responses():
    whole = client.responses.create(**response)
    events = list(client.responses.create(**response, stream=True))
    same("".join(e.delta for e in events if e.type == "response.output_text.delta"), whole.output_text)
    same((events[0].type, events[-1].type), ("response.created", "response.incomplete"))


def helper(**more):
    whole = client.responses.create(**{**response, **more})
    with client.responses.stream(**{**response, **more}) as stream:
        for _ in stream:
            pass
        same(stream.get_final_response().output_text, whole.output_text)


def cut_off():
    try:
        helper()
    except RuntimeError as e:
        raise RuntimeError(f"{e} The client's helper knows no response.incomplete, which ends an answer that max_output_tokens cut off.") from e


class Answer(pydantic.BaseModel):
    colour: typing.Literal["red", "green", "blue"]
    count: int = pydantic.Field(ge=1, le=99)
    parts: list[typing.Literal["a", "b"]] = pydantic.Field(max_length=3)


def parsed():
    asked = {**chat, "max_completion_tokens": 100}
    found = client.chat.completions.parse(**asked, response_format=Answer).choices[0].message.parsed
    same(type(found), Answer)
    with client.chat.completions.stream(**asked, response_format=Answer) as stream:
        same(stream.get_final_completion().choices[0].message.parsed, found)


def parsed_response():
    asked = {**response, "max_output_tokens": 100}
    found = client.responses.parse(**asked, text_format=Answer).output_parsed
    same(type(found), Answer)


def refused_schema():
    schema = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "array", "uniqueItems": True}}}
    refused(lambda: client.chat.completions.create(**chat, response_format=schema), 400, "invalid_value",
            "response_format.json_schema.schema")


def crowd(retries):
    """How many of ten at once are answered."""
    with openai.OpenAI(base_url=full + "/v1", api_key="none", max_retries=retries, timeout=60) as many:
        def ask(_):
            try:
                many.completions.create(**{**completion, "max_tokens": 64}, extra_body={"ignore_eos": True})
                return True
            except openai.RateLimitError as e:
                same((e.status_code, e.code, e.response.headers["retry-after"].isdigit()), (429, "queue_full", True))
                return False
        with concurrent.futures.ThreadPoolExecutor(10) as threads:
            return sum(threads.map(ask, range(10)))


def retries():
    if crowd(0) == 10:
        raise AssertionError("expected a full queue, found room for ten")
    same(crowd(20), 10)


def errors():
    refused(lambda: client.completions.create(**completion, suffix="x"), 400, "unsupported_value", "suffix")
    refused(lambda: client.responses.create(**response, store=True), 400, "unsupported_value", "store")
    refused(lambda: client.chat.completions.create(**chat, extra_body={"nothing": 1}), 400, "unknown_parameter", "nothing")


def raw():
    found = client.chat.completions.with_raw_response.create(**chat)
    same(found.headers["content-type"], "application/json")


def cancellation():
    stream = client.completions.create(**{**completion, "max_tokens": 900}, stream=True, extra_body={"ignore_eos": True})
    next(iter(stream))
    stream.close()
    end = time.monotonic() + 20
    running = 1
    while running and time.monotonic() < end:
        running = json.load(urllib.request.urlopen(url + "/q/stats"))["running"]
    same(running, 0)


CASES = {"models: list and retrieve": models, "completions: whole and streamed": completions,
         "chat: whole and streamed, with usage": chats, "responses: whole and streamed": responses,
         "responses: the stream helper": lambda: helper(input="What is the capital of Italy?", max_output_tokens=200),
         "responses: the stream helper, an answer that is cut off": cut_off,
         "structured output: the parse helper of chat": parsed,
         "structured output: the parse helper of responses": parsed_response,
         "structured output: a schema that cannot be held to is refused": refused_schema,
         "retries: a crowd before a full queue is answered": retries,
         "errors: names of what is not there": errors, "raw answers": raw,
         "cancellation: a closed stream ends its generation": cancellation}
for name, run in CASES.items():
    try:
        run()
        print("openai-python", name, "ok", "", sep="\t")
    except Exception as e:  # noqa: BLE001 whatever it is, it is the case's outcome
        print("openai-python", name, "failed", " ".join(str(e).split())[:200], sep="\t")
