import { GroupManager } from '../../../src/sdk/group/manager.ts';
import { SessionSlots } from '../../../src/sdk/group/schedule/session-slots.ts';
import { type Mutant, replaced } from './mutant.ts';

/** Planted in what a manager does with whole groups. */
export const MANAGER_MUTANTS: readonly Mutant[] = [
  {
    name: 'a live group is deleted as if it rested',
    seed: 227,
    patch: () =>
      replaced(
        GroupManager.prototype,
        'delete',
        real =>
          async function (this: GroupManager, id, options) {
            await (await this.opened(id))?.dispose();
            await real.call(this, id, options);
          },
      ),
  },
  {
    name: 'a delete that is refused has closed the group',
    seed: 227,
    patch: () =>
      replaced(
        GroupManager.prototype,
        'delete',
        real =>
          async function (this: GroupManager, id, options) {
            try {
              await real.call(this, id, options);
            } catch (error) {
              await (await this.opened(id))?.dispose();
              throw error;
            }
          },
      ),
  },
  {
    name: 'a delete only hides the group, and says that it is gone',
    seed: 7,
    patch: () =>
      replaced(
        GroupManager.prototype,
        'delete',
        () =>
          async function (this: GroupManager, id, options) {
            await this.archive(id, options).catch(() => {});
          },
      ),
  },
  {
    name: 'the slots that groups share are one too many',
    seed: 7,
    patch: () =>
      replaced(SessionSlots.prototype, 'join', real => {
        const changed = new WeakSet<SessionSlots>();
        return function (this: SessionSlots, offer) {
          if (!changed.has(this)) Object.assign(this, { max: this.max + 1 });
          changed.add(this);
          return real.call(this, offer);
        };
      }),
  },
  {
    name: 'the shared slot of a session that has ended is not given back by the first group',
    seed: 17,
    patch: () => keepsSlots(first => first),
  },
  {
    name: 'the shared slot of a session that has ended is not given back by the second group',
    seed: 17,
    patch: () => keepsSlots(first => !first),
  },
  {
    name: 'who waits for a shared slot is never offered one',
    seed: 7,
    patch: () =>
      replaced(
        SessionSlots.prototype,
        'join',
        real =>
          function (this: SessionSlots) {
            return real.call(this, () => {});
          },
      ),
  },
];

/** The first group that joins, or the others. */
function keepsSlots(whose: (first: boolean) => boolean): () => void {
  return replaced(SessionSlots.prototype, 'join', real => {
    const joined = new WeakSet<SessionSlots>();
    return function (this: SessionSlots, offer) {
      const own = real.call(this, offer);
      if (whose(!joined.has(this))) Object.assign(own, { free: () => {} });
      joined.add(this);
      return own;
    };
  });
}
