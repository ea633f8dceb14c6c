import type { Accepted } from '../../control/verbs.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import { nextStep } from '../advice.ts';
import { EXIT, exitCodeOfResult } from '../exit-codes.ts';
import type { CliIo } from '../io.ts';
import { resultLine } from '../run/json-output.ts';
import { renderSummary } from '../run/summary.ts';
import { lookOf } from '../terminal.ts';
import { jsonLine } from '../text.ts';
import type { ShownResult, ShownStatus } from './status.ts';

/** A request was accepted, and nobody waits for what comes of it. */
export function printAccepted(groupId: string, request: string, json: boolean, { stdout }: CliIo): number {
  stdout.write(json ? jsonLine({ type: 'accepted', groupId, request }) : `${groupId}: ${request} accepted\n`);
  return EXIT.completed;
}

export interface Said {
  readonly request: string;
  /** With this status the request has reached what it was for. */
  readonly wanted: ShownStatus | 'rest' | undefined;
  readonly json: boolean;
}

/** How a group stands after a request; the exit code is 0 when that is what was wanted. */
export function printOutcome(
  outcome: ShownResult | Accepted,
  { group }: Pick<StoredGroup, 'group'>,
  { request, wanted, json }: Said,
  io: CliIo,
): number {
  if ('accepted' in outcome) return printAccepted(group.id, request, json, io);
  printResult(outcome, group.definition.name, json, io);
  return outcome.status === wanted ? EXIT.completed : exitCodeOfResult(outcome);
}

/** How a group stands: the result on stdout, what to do next on stderr. */
export function printResult(result: ShownResult, name: string, json: boolean, io: CliIo): void {
  io.stdout.write(
    json ? jsonLine(resultLine(result)) : renderSummary(name, result, lookOf(io.stdout, io.env)),
  );
  const next = nextStep(result);
  if (next !== undefined) io.stderr.write(`${next}\n`);
}
