import type { Clock } from '../../sdk/clock.ts';
import type { GroupManager } from '../../sdk/group/manager.ts';
import type { SessionGroup } from '../../sdk/group/types.ts';
import type { GroupAccess } from '../live/access.ts';
import type { Residents } from '../live/residents.ts';
import type { ChartPicture, GraphPicture } from '../picture-types.ts';

/** The dependencies of the API's handlers, which know nothing about HTTP, so that other interfaces can use them. */
export interface ApiWorld {
  readonly manager: GroupManager;
  readonly access: GroupAccess;
  readonly residents: Residents;
  readonly clock: Clock;
  /** Resolves references such as `${TOKEN}` in a definition. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** @param folded whether each fan-out is one box. Default: false. */
  pictureOfGraph(group: SessionGroup, folded?: boolean): Promise<GraphPicture>;
  pictureOfChart(): Promise<ChartPicture>;
}
