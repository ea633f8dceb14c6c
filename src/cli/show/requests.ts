import type { PermissionRequest } from '../../control/wire/pending-request.ts';
import { cleanLine, cutToWidth } from '../text.ts';

const LONGEST_INPUT = 300;

/** `Bash: npm test`, `Write: {"file_path": …}`: the one argument by itself, several as JSON. */
export function requestWords({ tool, input = {} }: Omit<PermissionRequest, 'requestId'>): string {
  const name = cleanLine(tool);
  const values = Object.values(input);
  const [only] = values;
  if (only === undefined) return name;
  const text = values.length === 1 && typeof only === 'string' ? only : JSON.stringify(input);
  return `${name}: ${cutToWidth(cleanLine(text), LONGEST_INPUT, '...')}`;
}
