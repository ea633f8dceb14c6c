import { parseJson } from '../json.ts';

/**
 * The structured output in what a program printed: all of it if it is JSON, else the last line that is a JSON object.
 * Undefined if there is none.
 */
export function lastJson(text: string): unknown {
  const whole = parseJson(text.trim());
  if (whole !== undefined) return whole;
  for (let end = text.length; end > 0; ) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    const line = text.slice(start, end).trim();
    const value = line.startsWith('{') ? parseJson(line) : undefined;
    if (value !== undefined) return value;
    end = start - 1;
  }
  return undefined;
}
