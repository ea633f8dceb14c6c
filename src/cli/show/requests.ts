import type { PermissionRequest } from '../../control/wire/pending-request.ts';
import { cleanLine } from '../text.ts';
import { cutToWidth } from '../width.ts';

const MAX_INPUT_LENGTH = 300;

/** `Bash: npm test`, `Write: {"file_path": …}`: a single argument as text, several as JSON. */
export function requestWords({ tool, input = {} }: Omit<PermissionRequest, 'requestId'>): string {
  const name = cleanLine(tool);
  const values = Object.values(input);
  const [only] = values;
  if (only === undefined) return name;
  const text = values.length === 1 && typeof only === 'string' ? only : JSON.stringify(input);
  return `${name}: ${cutToWidth(cleanLine(text), MAX_INPUT_LENGTH, '...')}`;
}
