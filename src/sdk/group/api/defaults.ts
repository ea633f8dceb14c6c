import type { Clock } from '../../clock.ts';
import { QuotaGate } from '../schedule/quota-gate.ts';

const quotas = new WeakMap<Clock, QuotaGate>();

/** The groups of one process share what they learn about an account. */
export function quotaOf(clock: Clock): QuotaGate {
  const gate = quotas.get(clock) ?? new QuotaGate(clock);
  quotas.set(clock, gate);
  return gate;
}
