import { counted } from '../../format.ts';
import { cutText, LONGEST_RESULT_BYTES } from '../document/cut-text.ts';
import type { UpstreamResult } from './prompt-scope.ts';

/** What one session of a fan-out has come to. */
export interface MemberResult {
  readonly id: string;
  readonly value: string;
  readonly result: UpstreamResult | undefined;
}

/**
 * The results of all sessions of a fan-out, for whoever depends on them: `sessions['audit[*]']`. Invariants: it is told
 * which of them have no result, and why; and together they take a bounded part of a prompt, of which each has its share.
 */
export function fanOutResult(members: readonly MemberResult[]): UpstreamResult {
  const failed = members.filter(({ result }) => result?.error !== undefined);
  const files = members.flatMap(({ id, result }) =>
    (result?.changedFiles ?? []).map(file => `${id}: ${file}`),
  );
  const outputs = members.filter(({ result }) => result?.output !== undefined);
  return {
    status: outcomeOf(members),
    result: [...summary(members), ...sections(members)].join('\n\n'),
    output:
      outputs.length === 0
        ? undefined
        : Object.fromEntries(outputs.map(({ id, result }) => [id, result?.output])),
    error: listed(failed, ({ error }) => error),
    errorCode: listed(failed, ({ errorCode }) => errorCode),
    changedFiles: files,
    moreChangedFiles: members.reduce((sum, { result }) => sum + (result?.moreChangedFiles ?? 0), 0),
    limit: MOST_BYTES,
  };
}

/** Of all of them together. */
const MOST_BYTES = 256 * 1024;
/** However many there are, each has room for a sentence or two. */
const LEAST_BYTES = 512;

/** `completed` if all are; else that of the first that is not. */
const outcomeOf = (members: readonly MemberResult[]): UpstreamResult['status'] =>
  members.find(({ result }) => result?.status !== 'completed')?.result?.status ??
  (members.every(({ result }) => result?.status === 'completed') ? 'completed' : 'pending');

function summary(members: readonly MemberResult[]): string[] {
  const done = members.filter(({ result }) => result?.status === 'completed').length;
  return done === members.length ? [] : [`${done} of ${counted(members.length, 'session')} completed.`];
}

function sections(members: readonly MemberResult[]): string[] {
  const share = Math.max(LEAST_BYTES, Math.floor(MOST_BYTES / (members.length + 1)) - HEADING_BYTES);
  const limit = Math.min(LONGEST_RESULT_BYTES, share);
  return members.map(({ id, value, result }) => {
    const { status = 'pending', error, resultFile } = result ?? {};
    const text = result?.result ?? error;
    const heading = `## ${id} (${oneLine(value)}): ${status}`;
    return text === undefined ? heading : `${heading}\n\n${cutText(text, resultFile, limit)}`;
  });
}

const HEADING_BYTES = 200;

const oneLine = (value: string): string => value.replace(/\s+/g, ' ').slice(0, 100);

const listed = (
  members: readonly MemberResult[],
  field: (result: UpstreamResult) => string | undefined,
): string | undefined =>
  members.length === 0
    ? undefined
    : members.map(({ id, result }) => `${id}: ${(result && field(result)) ?? 'unknown'}`).join('\n');
