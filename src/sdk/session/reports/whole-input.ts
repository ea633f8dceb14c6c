/** The field that says it, the first that is there: of Claude Code's tools, and by the names that others use as well. */
export const MAIN_FIELDS = [
  'command',
  'cmd',
  'file_path',
  'notebook_path',
  'pattern',
  'path',
  'url',
  'query',
  'description',
  'skill',
] as const;
const LONGEST = 4_000;

/** The command, path, pattern or address in an input, as it is. */
export function mainField(input: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of MAIN_FIELDS) {
    const value = input[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/**
 * All that a person decides about when a tool asks for permission: the text that says it first, then the
 * other fields. At most 4,000 characters; cut text ends with `…`. Raw, with any secrets of the input. Undefined if
 * there is nothing to show.
 */
export function wholeInput(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const fields = { ...input };
  const main = mainField(fields);
  const others = Object.entries(fields).filter(
    ([name, value]) => value !== main && (main === undefined || name !== 'description'),
  );
  const texts = others.map(([name, value]) => `${name}: ${asText(value)}`);
  const [only] = others;
  const rest = main === undefined && only && others.length === 1 ? asText(only[1]) : texts.join(', ');
  const text = main === undefined ? rest : rest === '' ? main : `${main} (${rest})`;
  if (text === '') return undefined;
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : String(JSON.stringify(value));
