import type { AgentEvent } from '../agent.ts';

const MOST_NAMED = 5;
const LONGEST_NAMES = 300;

/**
 * Warns about the fields of a program's messages that can't be read: at each result, where what an attempt achieved is at
 * stake, and once for each other kind of message.
 */
export function unreadFields(program: string) {
  const warnedAbout = new Set<string>();
  return (name: string, unread: readonly string[]): AgentEvent[] => {
    if (unread.length === 0 || (name !== 'result' && warnedAbout.has(name))) return [];
    warnedAbout.add(name);
    const fields = unread.slice(0, MOST_NAMED).join(', ').slice(0, LONGEST_NAMES);
    const more = unread.length > MOST_NAMED ? ` and ${unread.length - MOST_NAMED} more` : '';
    return [
      {
        type: 'warning',
        message: `cannot read all of a \`${name}\` message of ${program}: ${fields}${more}`,
      },
    ];
  };
}
