"""Parts of one message of the SDK to happenings: tokens, function calls, sources, status. Pure and duck-typed, as
``translate`` is, which puts them in their order."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from lived_workers.gateway.happenings import Call, CallsCancelled, Happening, Sources, Usage, Working

MOST_PAGES = 50
"""Of one answer: a few in practice."""
MOST_SUGGESTIONS = 65_536
"""Characters of HTML; real ones have a few thousand."""


def usage_of(message: Any) -> Iterator[Happening]:
    """Tokens of one turn."""
    usage = getattr(message, "usage_metadata", None)
    if usage is None:
        return

    def count(name: str) -> int:
        return getattr(usage, f"{name}_token_count", None) or 0

    yield Usage(
        prompt=count("prompt"),
        response=count("response"),
        total=count("total"),
        prompt_details=_details(getattr(usage, "prompt_tokens_details", None)),
        response_details=_details(getattr(usage, "response_tokens_details", None)),
        thoughts=count("thoughts"),
        tools=count("tool_use_prompt"),
        cached=count("cached_content"),
    )


def calls_of(message: Any, counters: Counter[str]) -> Iterator[Happening]:
    """Functions called, and calls that nobody waits for any more. A call without id cannot be answered, and is
    counted (``calls_without_id``)."""
    for call in getattr(getattr(message, "tool_call", None), "function_calls", None) or ():
        call_id, name = getattr(call, "id", None), getattr(call, "name", None)
        if not call_id:
            counters["calls_without_id"] += 1
            continue
        args = getattr(call, "args", None)
        yield Call(str(call_id), str(name or ""), args if isinstance(args, dict) else {})
    ids = getattr(getattr(message, "tool_call_cancellation", None), "ids", None)
    if ids:
        yield CallsCancelled([str(call_id) for call_id in ids])


def working_of(content: Any) -> Iterator[Happening]:
    """The status of a request to a model that thinks for long; others have none."""
    status = name_of(getattr(content, "interaction_status", None))
    if status in ("IN_PROGRESS", "IDLE"):
        yield Working(status == "IN_PROGRESS")


def sources_of(content: Any) -> Iterator[Happening]:
    """Where an answer comes from."""
    grounding = getattr(content, "grounding_metadata", None)
    if grounding is None:
        return
    pages = [*_pages(getattr(grounding, "grounding_chunks", None) or ())]
    queries = [str(query) for query in getattr(grounding, "web_search_queries", None) or ()]
    rendered = getattr(getattr(grounding, "search_entry_point", None), "rendered_content", None) or ""
    if pages or queries or rendered:
        yield Sources(queries[:MOST_PAGES], pages[:MOST_PAGES], rendered[:MOST_SUGGESTIONS])


def _pages(chunks: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for chunk in chunks:
        web = getattr(chunk, "web", None)
        uri = getattr(web, "uri", None)
        if uri:
            yield str(uri), str(getattr(web, "title", None) or "")


def name_of(value: Any) -> str:
    """The name of an enum member, of a plain string that the SDK did not know, or of nothing."""
    return "" if value is None else str(getattr(value, "value", value))


def _details(details: Any) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for detail in details or ():
        sums[name_of(getattr(detail, "modality", None)) or "UNKNOWN"] += getattr(detail, "token_count", None) or 0
    return dict(sums)
