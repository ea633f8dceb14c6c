import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { conversationText, type RecordedRequest } from './messages-api/request.ts';

const SETUP = fileURLToPath(new URL('../../examples/cross-project-refactor/setup.mjs', import.meta.url));

/** The example's projects and definitions in a new or empty folder, as its own setup creates them. */
export function examplePlace(folder: string): string {
  execFileSync(process.execPath, [SETUP, folder], { stdio: 'pipe' });
  return folder;
}

const PHRASES = {
  'shared-lib': 'Add src/auth.js with a function',
  gateway: 'Check the token of a request with',
  web: 'Check the token of the cookie with',
  'release-notes': 'Write the entry for version 1.1.0',
} as const;

/** Which session of the example a request belongs to, by a phrase of its prompt. */
export function exampleSessionOf({ body }: Pick<RecordedRequest, 'body'>): string | undefined {
  const words = conversationText(body);
  return Object.entries(PHRASES).find(([, phrase]) => words.includes(phrase))?.[0];
}
