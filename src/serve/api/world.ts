import type { Clock } from '../../sdk/clock.ts';
import type { GroupManager } from '../../sdk/group/manager.ts';
import type { SessionGroup } from '../../sdk/group/types.ts';
import type { ChartPicture, GraphPicture } from '../api-types.ts';
import type { GroupAccess } from '../live/access.ts';
import type { Residents } from '../live/residents.ts';

/** What the handlers of the API work with. They know nothing of HTTP, so that other surfaces can stand on them. */
export interface ApiWorld {
  readonly manager: GroupManager;
  readonly access: GroupAccess;
  readonly residents: Residents;
  readonly clock: Clock;
  /** Where references such as `${TOKEN}` of a definition are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  pictureOfGraph(group: SessionGroup): Promise<GraphPicture>;
  pictureOfChart(): Promise<ChartPicture>;
}
