"""Words as they are heard and spoken: endpointing, glossary, delivery, speakable text."""
