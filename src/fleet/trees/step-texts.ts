import { z } from 'zod';
import type { StepAnswer, StepOrder } from '../../sdk/group/attempt/executor/step.ts';
import { TREE_STEPS, type TreeCall } from '../../sdk/group/tree/tree-call.ts';
import { parseJson } from '../../sdk/json.ts';
import type { BlobName } from '../channel.ts';
import { ReadyTree, Refs, TREE_FOLDERS } from '../protocol.ts';

/** Steps in the trees of sessions and their answers, as blobs of JSON; a pack is a blob of its own (PROTOCOL-2). */

/** A step as it travels. */
export interface ToldStep {
  readonly order: StepOrder;
  readonly pack?: BlobName | undefined;
}

/** A step that this version carries out. */
export type TreeStepOrder = StepOrder & { readonly call: TreeCall };
export interface ReadStep extends ToldStep {
  readonly order: TreeStepOrder;
}

type WithoutPack<T> = T extends { readonly pack?: Uint8Array } ? Omit<T, 'pack'> : T;

export interface ToldAnswer {
  readonly answer: WithoutPack<StepAnswer>;
  readonly pack?: BlobName | undefined;
}

const Step = z.looseObject({
  order: z.looseObject({
    ...{ groupId: z.string(), sessionId: z.string(), repository: TREE_FOLDERS.repository },
    format: z.enum(['sha1', 'sha256']),
    ...{ at: z.string().optional(), to: z.string().optional() },
    call: z.looseObject({
      do: z.enum([...TREE_STEPS, 'run']),
      args: z.tuple([z.union([ReadyTree, z.looseObject(TREE_FOLDERS)])], z.unknown()),
    }),
    refs: Refs,
    needs: z.array(z.string()),
  }),
  pack: z.string().optional(),
});

const Answer = z.looseObject({
  answer: z.intersection(
    z.looseObject({ place: z.string() }),
    z.discriminatedUnion('kind', [
      z.looseObject({ kind: z.literal('done'), refs: Refs }),
      z.looseObject({ kind: z.literal('failed'), refs: Refs, error: z.looseObject({ code: z.string() }) }),
      z.looseObject({ kind: z.literal('lacks'), lacks: z.array(z.string()), has: z.array(z.string()) }),
      z.looseObject({ kind: z.literal('elsewhere') }),
    ]),
  ),
  pack: z.string().optional(),
});

export const stepBytes = (step: ToldStep): Uint8Array => Buffer.from(JSON.stringify(step));
export const answerBytes = (answer: ToldAnswer): Uint8Array => Buffer.from(JSON.stringify(answer));

const read = (bytes: Uint8Array): unknown => parseJson(Buffer.from(bytes).toString());

/** undefined: it is none, or it would leave its folder. */
export const readStep = (bytes: Uint8Array): ReadStep | undefined =>
  Step.safeParse(read(bytes)).data as ReadStep | undefined;

/** undefined: it is none. */
export const readAnswer = (bytes: Uint8Array): ToldAnswer | undefined =>
  Answer.safeParse(read(bytes)).data as ToldAnswer | undefined;
