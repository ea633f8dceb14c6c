import { capitalized } from '../../sdk/format.ts';
import { suspendedAdvice } from '../../words/wait-words.ts';
import { wrapToWidth, wrapWords } from '../width.ts';

/** The process that runs a group, while it is suspended. */
export interface Suspension {
  readonly pid: number;
  /** ISO 8601; undefined where that is not known. */
  readonly since: string | undefined;
}

export interface FooterLook {
  readonly page: string | undefined;
  readonly suspended: Suspension | undefined;
  /** Another process runs the group. */
  readonly elsewhere: boolean;
  /** An observer: Ctrl-C detaches. */
  readonly observing: boolean;
  readonly hasKeys: boolean;
  readonly columns: number;
  readonly now: number;
  /** How many steps of Ctrl-C have been taken. */
  taken(): number;
}

/** That the group is suspended, which keys there are, and the address of the page. */
export function footerOf(look: FooterLook): string[] {
  const { page, suspended, elsewhere, hasKeys, columns, now } = look;
  const stands = suspended && capitalized(suspendedAdvice(suspended.pid, suspended.since, now));
  return [
    ...(stands === undefined ? [] : wrapWords(stands, columns)),
    // A view of a process that is suspended itself takes none.
    ...(hasKeys && (elsewhere || !suspended) ? [keyWords(look)] : []),
    ...(page === undefined ? [] : wrapToWidth(`Page: ${page}`, columns)),
  ];
}

/** Of a suspended group, nothing is promised that would be refused. */
function keyWords({ suspended, elsewhere, observing, taken }: FooterLook): string {
  if (suspended) return '? keys; q detaches';
  const step = ['pauses', 'stops'][taken()];
  const next = step === undefined ? 'ends it all' : elsewhere ? step : `${step} the group`;
  const detaches = elsewhere ? '; q detaches; the group keeps running' : '';
  return `? keys${detaches}${observing ? '' : `; Ctrl-C ${next}`}`;
}
