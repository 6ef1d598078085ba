"""Words in speech: endpointing, glossary, delivery, speakable text."""
