import type { Clock } from '../../sdk/clock.ts';
import type { ConnectionEvents } from './connection.ts';
import type { RedisAddress } from './redis-address.ts';
import { RedisChannel } from './redis-channel.ts';
import { RedisPlacement } from './redis-placement.ts';

export interface RedisFleetOptions extends ConnectionEvents {
  readonly redis: RedisAddress;
  readonly clock: Clock;
  /** How long a worker has an order without renewing its lease; milliseconds. */
  readonly leaseMs: number;
}

/** A fleet on one Redis. */
export interface RedisFleet {
  readonly placement: RedisPlacement;
  readonly channel: RedisChannel;
  close(): Promise<void>;
}

export function connectFleet(options: RedisFleetOptions): RedisFleet {
  const [placement, channel] = [new RedisPlacement(options), new RedisChannel(options)];
  return {
    placement,
    channel,
    close: async () => {
      await Promise.all([placement.close(), channel.close()]);
    },
  };
}
