import type { Clock } from '../../sdk/clock.ts';
import type { GroupManager } from '../../sdk/group/manager.ts';
import type { Layout, LayoutInput } from '../graph/layout.ts';
import type { GroupAccess } from '../live/access.ts';
import type { Residents } from '../live/residents.ts';

/** What the handlers of the API work with. They know nothing of HTTP, so that other surfaces can stand on them. */
export interface ApiWorld {
  readonly manager: GroupManager;
  readonly access: GroupAccess;
  readonly residents: Residents;
  readonly clock: Clock;
  layOut(input: LayoutInput): Promise<Layout>;
}
