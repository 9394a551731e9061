"""Why a reply ended that was not plainly over, in words. A table. Pure."""

_WORDS = {
    "MALFORMED_FUNCTION_CALL": "the model tried to call a function and got it wrong",
    "RESPONSE_REJECTED": "the server rejected the reply",
    "NEED_MORE_INPUT": "the model needs to hear more",
    "PROHIBITED_INPUT_CONTENT": "the server refuses to talk about what it heard",
    "BLOCKLIST": "the reply had words that the server refuses to say",
    "GENERATED_AUDIO_SAFETY": "the server's safety filter stopped the reply",
    "GENERATED_CONTENT_SAFETY": "the server's safety filter stopped the reply",
    "MAX_REGENERATION_REACHED": "the server tried several replies and rejected them all",
}
"""The reasons that devices have met; the SDK knows 28."""


def in_words(reason: str) -> str:
    """One sentence for the server's turnCompleteReason: what happened, what to do."""
    why = _WORDS.get(reason, f"the server says {reason[:60]}")
    return f"The last reply ended early: {why}. Ask again in other words."
