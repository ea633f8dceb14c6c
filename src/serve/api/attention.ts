import { itemCommands } from '../../words/attention.ts';
import type { AttentionView } from '../attention-types.ts';
import type { ApiWorld } from './world.ts';

/** `GET /attention`. */
export async function attentionDetail({ manager }: ApiWorld, signal: AbortSignal): Promise<AttentionView> {
  const { items, leftOut } = await manager.attention({ signal });
  return { items: items.map(item => ({ ...item, commands: itemCommands(item) })), leftOut };
}
