import type { SessionStatus } from '../../../machines/vocabulary.ts';
import type { ShownStatus } from '../groups/status.ts';
import type { Format } from '../terminal.ts';

/** How a status looks: a sign that needs no colour to be told apart, a word and a colour. */
export interface Mark {
  readonly sign: string;
  /** The sign where the terminal has no Unicode. */
  readonly ascii: string;
  readonly word: string;
  readonly format: Format;
}

export const SESSION_MARKS: Readonly<Record<SessionStatus, Mark>> = {
  pending: { sign: '○', ascii: '.', word: 'pending', format: 'gray' },
  preparing: { sign: '◔', ascii: ':', word: 'preparing', format: 'cyan' },
  running: { sign: '●', ascii: '*', word: 'running', format: 'cyan' },
  awaiting_approval: { sign: '?', ascii: '?', word: 'approval', format: 'magenta' },
  retrying: { sign: '↻', ascii: 'r', word: 'retrying', format: 'yellow' },
  quota_wait: { sign: '◷', ascii: 'q', word: 'quota', format: 'yellow' },
  interrupting: { sign: '◐', ascii: '!', word: 'interrupting', format: 'yellow' },
  paused: { sign: '‖', ascii: '=', word: 'paused', format: 'yellow' },
  completed: { sign: '✓', ascii: '+', word: 'completed', format: 'green' },
  failed: { sign: '✗', ascii: 'x', word: 'failed', format: 'red' },
  stopped: { sign: '■', ascii: '#', word: 'stopped', format: 'red' },
  skipped: { sign: '–', ascii: '-', word: 'skipped', format: 'gray' },
};

export const GROUP_MARKS: Readonly<Record<ShownStatus, Mark>> = {
  created: { sign: '○', ascii: '.', word: 'created', format: 'gray' },
  running: { sign: '●', ascii: '*', word: 'running', format: 'cyan' },
  pausing: { sign: '◐', ascii: '!', word: 'pausing', format: 'yellow' },
  paused: { sign: '‖', ascii: '=', word: 'paused', format: 'yellow' },
  stopping: { sign: '◐', ascii: '!', word: 'stopping', format: 'red' },
  stopped: { sign: '■', ascii: '#', word: 'stopped', format: 'red' },
  completed: { sign: '✓', ascii: '+', word: 'completed', format: 'green' },
  failed: { sign: '✗', ascii: 'x', word: 'failed', format: 'red' },
  interrupted: { sign: '!', ascii: '!', word: 'interrupted', format: 'yellow' },
};
