"""The option or command that fixes an error; errors of lower layers only have a code."""

from __future__ import annotations

from agent.values.errors import MockInterviewError

_ADVICE = {
    "whisper-missing": " (or add --download to get it from huggingface.co)",
    "whisper-model": " (--model)",
    "whisper-device": " (--device, --model)",
    "batch": " (pip install 'mock-interview[batch]')",
    "ray": " (pip install 'mock-interview[ray]', or --engine local)",
    "piper": " (pip install 'mock-interview[piper]', or --voice system)",
    "system-voice": " (--voice)",
    "rubric": " ('mock-interview questions new FILE' writes a template)",
    "question": " ('mock-interview questions list' shows them all)",
    "address": " (--base-url or OPENAI_BASE_URL)",
    "key": " (OPENAI_API_KEY)",
    "profile": " ('mock-interview profile read --cv FILE' makes one)",
    "resume": " ('mock-interview practice --resume' goes on)",
    "port": " (--port)",
    "model": " (--llm or MOCK_INTERVIEW_LLM_MODEL)",
}


def advised(error: MockInterviewError) -> str:
    """The error's message, with the option or command that helps."""
    return f"{error}{_ADVICE.get(error.code or '', '')}"
