// Every spoken command as a button and a key.

export const COMMANDS = [
  { intent: "done", label: "That's my answer", key: " ", shown: "Space", when: "answer" },
  { intent: "hint", label: "Hint", key: "h", when: "answer" },
  { intent: "repeat", label: "Repeat", key: "r", when: "answer" },
  { intent: "rephrase", label: "Rephrase", key: "w", when: "answer" },
  { intent: "skip", label: "Skip", key: "s", when: "answer" },
  { intent: "more time", label: "More time", key: "d", when: "answer" },
  { intent: "next", label: "Next", key: "n", when: "after" },
  { intent: "try again", label: "Try again", key: "t", when: "after" },
  { intent: "explain the rating", label: "Explain the rating", key: "e", when: "after" },
  { intent: "model answer", label: "Model answer", key: "m", when: "after" },
  { intent: "disagree", label: "I did say that", key: "x", when: "after" },
  { intent: "pause", label: "Pause", key: "p", when: "always" },
  { intent: "go back", label: "Go back", key: "b", when: "more" },
  { intent: "slower", label: "Slower", key: "-", when: "more" },
  { intent: "faster", label: "Faster", key: "+", when: "more" },
  { intent: "louder", label: "Louder", key: "]", when: "more" },
  { intent: "quieter", label: "Quieter", key: "[", when: "more" },
  { intent: "how long", label: "How long?", key: "l", when: "more" },
  { intent: "how am I doing", label: "How am I doing?", key: "g", when: "more" },
  { intent: "report", label: "Report", key: "o", when: "more" },
  { intent: "what can I say", label: "What can I say?", key: "?", when: "more" },
  { intent: "stop", label: "End", key: "q", when: "always" },
];

export function commandOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return null;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return null;
  // On a button, the space bar presses that button.
  if (event.key === " " && event.target.closest("button, summary, a")) return null;
  return COMMANDS.find((command) => command.key === event.key.toLowerCase()) || null;
}
