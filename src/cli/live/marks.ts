import type { SessionStatus } from '../../../machines/vocabulary.ts';
import {
  GROUP_MARKS,
  SESSION_MARKS,
  type Shape,
  type ShownAs,
  type StandsStill,
  type Tone,
  type Mark as Words,
} from '../../words/marks.ts';
import type { Format } from '../terminal.ts';

/** How a status looks: a sign that is distinct without colour, a word and a colour. */
export interface Mark {
  readonly sign: string;
  /** The sign for a terminal without Unicode. */
  readonly ascii: string;
  readonly word: string;
  readonly format: Format;
}

const SIGNS: Readonly<Record<Shape, Pick<Mark, 'sign' | 'ascii'>>> = {
  circle: { sign: '○', ascii: '.' },
  ring: { sign: '◌', ascii: '~' },
  quarter: { sign: '◔', ascii: ':' },
  down: { sign: '↓', ascii: 'v' },
  target: { sign: '◎', ascii: 'o' },
  join: { sign: '⊕', ascii: '&' },
  half: { sign: '◐', ascii: '!' },
  dot: { sign: '●', ascii: '*' },
  question: { sign: '?', ascii: '?' },
  again: { sign: '↻', ascii: 'r' },
  clock: { sign: '◷', ascii: 'q' },
  bars: { sign: '‖', ascii: '=' },
  check: { sign: '✓', ascii: '+' },
  cross: { sign: '✗', ascii: 'x' },
  square: { sign: '■', ascii: '#' },
  dash: { sign: '–', ascii: '-' },
  bang: { sign: '!', ascii: '!' },
};

const FORMATS: Readonly<Record<Tone, Format>> = {
  idle: 'gray',
  run: 'cyan',
  wait: 'yellow',
  ask: 'magenta',
  hold: 'yellow',
  ok: 'green',
  bad: 'red',
};

const drawn = ({ icon, tone, word }: Words): Mark => ({ ...SIGNS[icon], word, format: FORMATS[tone] });

export const sessionMark = (status: SessionStatus | StandsStill): Mark => drawn(SESSION_MARKS[status]);
export const groupMark = (status: ShownAs): Mark => drawn(GROUP_MARKS[status]);
