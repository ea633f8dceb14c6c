import { systemClock } from '../../sdk/clock.ts';
import { type DeliveryLook, deliveryLook } from '../../sdk/group/delivery/by-hand.ts';
import type { GroupStore } from '../../sdk/group/store/store.ts';
import type { CliIo } from '../io.ts';

/** Finds in this machine's repositories what was delivered by hand; loads what asks git only if a group waits. */
export const lookForDeliveries = (store: GroupStore, { env }: CliIo): DeliveryLook =>
  deliveryLook(store, systemClock, async () => {
    const { workspacesOf } = await import('../../sdk/delivery/machine-workspaces.ts');
    return workspacesOf({ env }, systemClock);
  });
