// Text for a terminal: names come from producers and files, and some characters are commands to whoever shows them.

/** Controls of terminals, and those that turn the direction of writing, so that a line reads as another one. */
const commanding = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** One line of text in which every commanding character, line breaks among them, is U+FFFD. */
export function printable(line: string): string {
  return line.replace(commanding, '\uFFFD');
}

/** The same for text of several lines, which stay apart. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
