import { setTimeout as later } from 'node:timers/promises';
import type { GroupStore, StoredGroup } from '../../sdk/group/store.ts';
import type { GroupView } from '../../sdk/group/view.ts';
import type { CliServices } from '../services.ts';
import { isLive, type ShownResult } from './status.ts';

export interface Look {
  readonly stored: StoredGroup;
  readonly view: GroupView;
  /** How it stands, also when nobody runs it any more. */
  readonly result: ShownResult;
}

/** How a kept group stands, by its journal. */
export async function lookAt(stored: StoredGroup, services: CliServices): Promise<Look> {
  const view = await services.viewGroup(stored);
  const result = view.interrupted ? { ...view.result, status: 'interrupted' as const } : view.result;
  return { stored, view, result };
}

const PATIENCE_MS = 5_000;
const PAUSE_MS = 50;

/** The same once the group rests or its owner is known to be dead: a killed process lingers for a moment. */
export async function lookAtRest(id: string, store: GroupStore, services: CliServices): Promise<Look> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const look = await lookAt(await store.read(id), services);
    if (!isLive(look.result.status) || performance.now() > deadline) return look;
    await later(PAUSE_MS);
  }
}
