/**
 * The part of Mermaid's state diagrams that `toMermaid` uses, as one pattern per line. Mermaid's own parser
 * needs a DOM and 150 packages; these texts were checked with it by hand.
 */
const ID = '[A-Za-z]\\w*';
/** No character that ends a label or starts other syntax, except as a reference such as `#58;`. */
const LABEL = '(?:[^#:;"%<>{}\\\\`]|#\\d+;)+';
const LINES = {
  open: new RegExp(`^state (${ID}) \\{$`),
  close: /^\}$/,
  region: /^--$/,
  comment: /^%% .*$/,
  named: new RegExp(`^state "${LABEL}" as ${ID}$`),
  first: new RegExp(`^\\[\\*\\] --> ${ID}$`),
  arrow: new RegExp(`^${ID} --> ${ID} : ${LABEL}$`),
  text: new RegExp(`^${ID} : ${LABEL}$`),
  note: new RegExp(`^note right of ${ID}$`),
};
const NOTE_LINE = new RegExp(`^(?!end note$)${LABEL}$`);

/** Lines that are not valid Mermaid, and boxes that are not closed. */
export function mermaidProblems(text: string): string[] {
  const [head, ...lines] = text.trimEnd().split('\n');
  const problems = head === 'stateDiagram-v2' ? [] : [`begins with ${head}`];
  let depth = 0;
  let inNote = false;
  const compounds = new Set(lines.flatMap(line => /^\s*state (\w+) \{$/.exec(line)?.[1] ?? []));
  for (const line of lines.map(line => line.trim())) {
    if (inNote) {
      if (line === 'end note') inNote = false;
      else if (!NOTE_LINE.test(line)) problems.push(`not of the language: ${line}`);
      continue;
    }
    const kind = Object.entries(LINES).find(([, pattern]) => pattern.test(line))?.[0];
    if (kind === undefined) problems.push(`not of the language: ${line}`);
    if (kind === 'open') depth += 1;
    if (kind === 'close') depth -= 1;
    if (kind === 'note') inNote = true;
    if (kind === 'text' && compounds.has(line.split(' ')[0] ?? '')) {
      problems.push(`a state with children can have no line of its own: ${line}`);
    }
    if (kind === 'region' && depth === 0) problems.push('a region outside of a state');
    if (depth < 0) problems.push('closes what was not opened');
  }
  return depth === 0 && !inNote ? problems : [...problems, 'not closed'];
}
