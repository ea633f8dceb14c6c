import type { SessionDetail } from '../../api-types.ts';
import type { GroupContext } from '../group/part.ts';
import type { SessionWork } from '../work/session-work.ts';
import { later } from './later.ts';

/** What a session did with its tree; its code is loaded once there is something to show. */
export function workPart(context: GroupContext, id: string): SessionWork {
  let work: SessionWork | undefined;
  let last: SessionDetail | undefined;
  const loading = later(
    async () => (await import('../work/session-work.ts')).sessionWork(context, id),
    loaded => {
      work = loaded;
      work.show(last);
    },
  );
  return {
    node: loading.node,
    show(detail) {
      last = detail;
      if (detail?.delivery !== undefined || detail?.checked === true) loading.ask();
      work?.show(detail);
    },
  };
}
