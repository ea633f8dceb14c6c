import type { Accepted } from '../../control/verbs.ts';
import { given } from '../../sdk/given.ts';
import { isRehearsal } from '../../sdk/group/standing/rehearsal.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import { unreadableWords } from '../../sdk/take-over-words.ts';
import { nextStep, type Unfinished } from '../advice.ts';
import { EXIT, exitCodeOfResult } from '../exit-codes.ts';
import type { CliIo } from '../io.ts';
import { resultLine } from '../run/json-output.ts';
import { renderSummary } from '../run/summary.ts';
import { lookOf } from '../terminal.ts';
import { cleanLine, jsonLine } from '../text.ts';
import type { ShownResult, ShownStatus } from './status.ts';

/** Prints that a request was accepted, without waiting for its outcome. */
export function printAccepted(groupId: string, request: string, json: boolean, { stdout }: CliIo): number {
  stdout.write(json ? jsonLine({ type: 'accepted', groupId, request }) : `${groupId}: ${request} accepted\n`);
  return EXIT.completed;
}

export interface OutcomeOptions {
  readonly request: string;
  /** The status that the request is meant to reach. */
  readonly wanted: ShownStatus | 'rest' | undefined;
  readonly json: boolean;
}

/** Prints the group's result after a request; the exit code is 0 if it has the wanted status. */
export function printOutcome(
  outcome: ShownResult | Accepted,
  stored: Pick<StoredGroup, 'group'>,
  { request, wanted, json }: OutcomeOptions,
  io: CliIo,
): number {
  if ('accepted' in outcome) return printAccepted(stored.group.id, request, json, io);
  printResult(outcome, stored, json, io);
  return outcome.status === wanted ? EXIT.completed : exitCodeOfResult(outcome);
}

/** Prints the result on stdout, and on stderr what to do next, or that its lock cannot be read. */
export function printResult(
  result: ShownResult,
  {
    group,
    ownerUnreadable,
    resumed,
  }: Pick<StoredGroup, 'group' | 'ownerUnreadable'> & {
    readonly resumed?: Unfinished['resumed'] | undefined;
  },
  json: boolean,
  io: CliIo,
): void {
  const look = { ...lookOf(io.stdout, io.env), rehearsal: isRehearsal(group) };
  io.stdout.write(json ? jsonLine(resultLine(result)) : renderSummary(group.definition.name, result, look));
  const next =
    ownerUnreadable === undefined
      ? nextStep({ ...result, ...given({ resumed }) })
      : cleanLine(unreadableWords(ownerUnreadable));
  if (next !== undefined) io.stderr.write(`${next}\n`);
}
